<?xml version='1.0' encoding='utf-8'?>
<TS version="2.1">
  <context>
    <name>Actions</name>
    <message>
      <source>As the &amp;system has it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Light</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Dark</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Chat</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Connect…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Connect to the &amp;last server</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Reconnect &amp;now</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Disconnect</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Co&amp;py the link to this room</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Encryption…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Create a &amp;room…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Lea&amp;ve this room</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Cl&amp;ose this conversation</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Offer a &amp;file…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>E&amp;xport this conversation…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Open the do&amp;wnload folder</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose &amp;the download folder…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Quit</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Go</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Jump to a room or a user…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Find in this conversation…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Search on the server…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Next &amp;unread</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Next men&amp;tion</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Next conversation</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Previous conversation</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Write a &amp;message</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Repl&amp;y to the current or the newest message</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Rea&amp;ct to the current or the newest message…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>To the list of &amp;rooms</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>To the list of m&amp;embers</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>To the f&amp;iles</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Help</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Keyboard shortcuts</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Commands that can be typed</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;About chatcore</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;View</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show the &amp;rooms</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show the &amp;members</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Who &amp;comes and goes in this room</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Sending shows the ne&amp;west message</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Do &amp;not disturb</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Larger text</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Smaller text</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Text of the &amp;usual size</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>S&amp;ettings…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Theme</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>Commands</name>
    <message>
      <source>{usage}: {about}</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>Composer</name>
    <message>
      <source>Message</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Enter sends, Shift+Enter begins a new line, Tab completes names and commands.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Offer it as a file</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Forget it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Write a message</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>You pasted a picture ({width} × {height}).</source>
      <translation type="unfinished" />
    </message>
    <message numerus="yes">
      <source>What you pasted has %n characters, too many for a message.</source>
      <translation>
        <numerusform>What you pasted has %n character, too many for a message.</numerusform>
        <numerusform>What you pasted has %n characters, too many for a message.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>This message is too long by %n bytes.</source>
      <translation>
        <numerusform>This message is too long by %n byte.</numerusform>
        <numerusform>This message is too long by %n bytes.</numerusform>
      </translation>
    </message>
    <message>
      <source>The character at place {number} is broken and cannot be sent; replace it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Enter deletes this message, Escape leaves it as it is.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Enter changes your message, Escape leaves it as it is.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Commands</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>ConnectDialog</name>
    <message>
      <source>Automatic (QUIC or WebSocket)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>WebSocket</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>WebSocket, encrypted</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>QUIC</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Password of the server</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Password of your name</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>New password for your name</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Connect to a chat server</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Your servers</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Keep as a favourite</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Take off the list</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Connect</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Server</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Port</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Your name in the chat</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Transport</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Go on only if the person who runs the server tells you that its key was replaced, and reads you the new fingerprint.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Fingerprint shown now</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Accept the new key</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Cancel</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Connecting…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Fingerprint that you gave</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Fingerprint until now</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{place}, announced on the network as {name}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{place} as {name}, a favourite</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{place} as {name}</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>Connecting</name>
    <message>
      <source>Type the name or the address of the server's machine.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>A port is a number from 1 to 65535.</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>Conversation</name>
    <message>
      <source>{name} (a bot)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>It answers {quote}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>It is being sent.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>You at {time}, to {names} only: {text}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} at {time}, to you directly: {text}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>You at {time}, to everyone: {text}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} at {time}, to everyone: {text}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>You at {time}: {text}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} at {time}, mentioning you: {text}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} at {time}: {text}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>(deleted)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{text} (edited)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>an earlier message</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name}: {text}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>you</source>
      <translation type="unfinished" />
    </message>
    <message numerus="yes">
      <source>{emoji} from %n people</source>
      <translation>
        <numerusform>{emoji} from %n person</numerusform>
        <numerusform>{emoji} from %n people</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>{emoji} from {names} and %n more</source>
      <translation>
        <numerusform>{emoji} from {names} and %n more</numerusform>
        <numerusform>{emoji} from {names} and %n more</numerusform>
      </translation>
    </message>
    <message>
      <source>{emoji} from {names}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Bot</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>You</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Mentions you</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Direct to {names}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Direct to you</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>To everyone</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>It was not sent.</source>
      <translation type="unfinished" />
    </message>
    <message numerus="yes">
      <source>%n messages are not sent yet. If you leave now, they are kept, and you are asked about them the next time.</source>
      <translation>
        <numerusform>%n message is not sent yet. If you leave now, it is kept, and you are asked about it the next time.</numerusform>
        <numerusform>%n messages are not sent yet. If you leave now, they are kept, and you are asked about them the next time.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n commands are not carried out yet. If you leave now, they are not, and stand in the message line the next time (but for passwords).</source>
      <translation>
        <numerusform>%n command is not carried out yet. If you leave now, it is not, and stands in the message line the next time (but for passwords).</numerusform>
        <numerusform>%n commands are not carried out yet. If you leave now, they are not, and stand in the message line the next time (but for passwords).</numerusform>
      </translation>
    </message>
    <message>
      <source>What is not sent or carried out yet, and drafts, cannot be kept on this computer: {reason}. All of it is lost when the app ends, or connects to another server.</source>
      <translation type="unfinished" />
    </message>
    <message numerus="yes">
      <source>%n messages are missing here.</source>
      <translation>
        <numerusform>%n message is missing here.</numerusform>
        <numerusform>%n messages are missing here.</numerusform>
      </translation>
    </message>
    <message>
      <source>Messages may be missing here.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Today</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Yesterday</source>
      <translation type="unfinished" />
    </message>
    <message numerus="yes">
      <source>{names} and %n more</source>
      <translation>
        <numerusform>{names} and %n more</numerusform>
        <numerusform>{names} and %n more</numerusform>
      </translation>
    </message>
    <message>
      <source>Not sent: the connection ended.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>It was not sent the last time.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Not sent: what it answers is not there any more. Sent again, it answers nothing.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Not sent: there is no connection.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Not sent. {reason}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show less</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show less (copy the message to read the rest of it)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show more</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Try again</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Discard</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>New messages</source>
      <translation type="unfinished" />
    </message>
    <message numerus="yes">
      <source>Jump to the newest (%n new)</source>
      <translation>
        <numerusform>Jump to the newest (%n new)</numerusform>
        <numerusform>Jump to the newest (%n new)</numerusform>
      </translation>
    </message>
    <message>
      <source>Jump to the newest</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Messages</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The arrow keys go from message to message. Enter does what a message offers, such as its link.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Copy</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Copy with &amp;names and times</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Copy the &amp;code</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Copy the code {code}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Copy &amp;link</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Open link</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Copy link {address}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Open link {address}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Try again</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Discard</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Reply</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Go to what it answers</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Edit this message</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Delete this message</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Select &amp;all</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>React &amp;with</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Another emoji…</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>ConversationPane</name>
    <message>
      <source>Show the rooms</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show the members</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Offer a file (Ctrl+O), or drop it here</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Discard</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Send now</source>
      <translation type="unfinished" />
    </message>
    <message numerus="yes">
      <source>%n messages were not sent the last time.</source>
      <translation>
        <numerusform>%n message was not sent the last time.</numerusform>
        <numerusform>%n messages were not sent the last time.</numerusform>
      </translation>
    </message>
    <message>
      <source>You are not in {room}. Enter joins it, and what you write is said there.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Join</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Join {room}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Enter joins {room}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>You are not in {room}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Answer nothing (Escape)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The message of {name} that you answer was deleted: what you write now answers nothing.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>You answer {quote}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Direct messages, for the two of you</source>
      <translation type="unfinished" />
    </message>
    <message numerus="yes">
      <source>%n people</source>
      <translation>
        <numerusform>%n person</numerusform>
        <numerusform>%n people</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>No connection. Next try in %n seconds; what you send waits.</source>
      <translation>
        <numerusform>No connection. Next try in %n second; what you send waits.</numerusform>
        <numerusform>No connection. Next try in %n seconds; what you send waits.</numerusform>
      </translation>
    </message>
    <message>
      <source>No connection. Trying again now; what you send waits.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The connection has ended: {reason}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>You are not connected any more.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Connect again</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Reconnect now</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Connect to write here.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Drop here to offer it to everyone in {room}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Drop here to offer it to {name}</source>
      <translation type="unfinished" />
    </message>
    <message numerus="yes">
      <source>The server asks for patience: it goes on by itself in %n seconds, nothing is lost.</source>
      <translation>
        <numerusform>The server asks for patience: it goes on by itself in %n second, nothing is lost.</numerusform>
        <numerusform>The server asks for patience: it goes on by itself in %n seconds, nothing is lost.</numerusform>
      </translation>
    </message>
  </context>
  <context>
    <name>CreateRoom</name>
    <message>
      <source>Create a room</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Name of the room</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Create and enter</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Cancel</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Letters, digits, _ and -.</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>Emojis</name>
    <message>
      <source>en</source>
      <comment>code of your language</comment>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose an emoji</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Name of an emoji, or the emoji</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>Encryption</name>
    <message>
      <source>Encryption</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Fingerprint of the server's key</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Copy the fingerprint</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Close</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>Files</name>
    <message numerus="yes">
      <source>%n seconds left</source>
      <translation>
        <numerusform>%n second left</numerusform>
        <numerusform>%n seconds left</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n minutes left</source>
      <translation>
        <numerusform>%n minute left</numerusform>
        <numerusform>%n minutes left</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n hours left</source>
      <translation>
        <numerusform>%n hour left</numerusform>
        <numerusform>%n hours left</numerusform>
      </translation>
    </message>
    <message>
      <source>{speed}/s</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{speed}/s, {time}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Getting it ready…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Waiting for the connection.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Offered to {user}, who has not answered yet ({size}).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Asking {user} for it ({size}).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{user} offers this file to everyone here ({size}).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{user} offers you this file ({size}).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>To {user}: {done} of {size}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>From {user}: {done} of {size}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{done} of {size}. Waiting for the connection; then it goes on by itself.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{done} of {size}. Waiting for {user}; then it goes on by itself.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{user} has received it ({size}).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Received from {user} ({size}).</source>
      <translation type="unfinished" />
    </message>
    <message numerus="yes">
      <source>Offered to %n people ({size}). Received: {have}, under way: {now}, no answer: {open}, not received: {rest}.</source>
      <translation>
        <numerusform>Offered to %n person ({size}). Received: {have}, under way: {now}, no answer: {open}, not received: {rest}.</numerusform>
        <numerusform>Offered to %n people ({size}). Received: {have}, under way: {now}, no answer: {open}, not received: {rest}.</numerusform>
      </translation>
    </message>
    <message>
      <source>{user} does not want it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{user} has cancelled it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Not sent to {user}. {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Not received from {user}. {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>It is too large ({size}): this server takes files of up to {most}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Not offered. {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>This is a folder; put it into an archive first.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>You are not in {room}; join it to offer files there.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>text-{number}.txt</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>image-{number}.png</source>
      <translation type="unfinished" />
    </message>
    <message numerus="yes">
      <source>If you leave now, %n files do not arrive; what is here already is kept, and when they are offered to you again, they go on from there.</source>
      <translation>
        <numerusform>If you leave now, %n file does not arrive; what is here already is kept, and when it is offered to you again, it goes on from there.</numerusform>
        <numerusform>If you leave now, %n files do not arrive; what is here already is kept, and when they are offered to you again, they go on from there.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>If you leave now, %n files do not arrive; what has arrived is kept, and when you offer them again, they go on from there.</source>
      <translation>
        <numerusform>If you leave now, %n file does not arrive; what has arrived is kept, and when you offer it again, it goes on from there.</numerusform>
        <numerusform>If you leave now, %n files do not arrive; what has arrived is kept, and when you offer them again, they go on from there.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>If you leave now, %n files do not arrive; what has arrived is kept, and when they are offered again, they go on from there.</source>
      <translation>
        <numerusform>If you leave now, %n file does not arrive; what has arrived is kept, and when it is offered again, it goes on from there.</numerusform>
        <numerusform>If you leave now, %n files do not arrive; what has arrived is kept, and when they are offered again, they go on from there.</numerusform>
      </translation>
    </message>
    <message>
      <source>{user} offers {name} ({size}) to everyone here.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{user} offers you {name} ({size}).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} from {user} is there, in {folder}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{offered} from {user} is there, called {name} here, in {folder}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{user} has received {name}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>You have cancelled {name}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>You have declined {name}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is no such file.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Which one? Use the buttons below, or write /{command} with one of these: {files}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{file} ({name})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Accept</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Decline</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Cancel</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Try again</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show the picture</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Open folder</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Take off the list</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Progress of {name}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Files</source>
      <translation type="unfinished" />
    </message>
    <message numerus="yes">
      <source>and %n more files</source>
      <translation>
        <numerusform>and %n more file</numerusform>
        <numerusform>and %n more files</numerusform>
      </translation>
    </message>
    <message>
      <source>Reading the picture…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>This picture is too large to be shown here; open it in its folder.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>This is no picture that can be shown here: it is damaged, or of another kind.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Picture {name}</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>Find</name>
    <message>
      <source>A date is written as 2026-11-27, and a room alone is too little.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Nothing was found.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Search on the server</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Words, from:NAME, in:ROOM, since:DATE, until:DATE</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} in {room}, {time}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Look for older ones</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} in {room}, {time}: {text}</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>Jump</name>
    <message>
      <source>What fits</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Jump to a room or a user</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Room or name</source>
      <translation type="unfinished" />
    </message>
    <message numerus="yes">
      <source>{name}, %n unread</source>
      <translation>
        <numerusform>{name}, %n unread</numerusform>
        <numerusform>{name}, %n unread</numerusform>
      </translation>
    </message>
  </context>
  <context>
    <name>Leave</name>
    <message>
      <source>Leave now?</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Leave anyway</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Stay</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>MainWindow</name>
    <message>
      <source>WebSocket, not encrypted</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>WebSocket, encrypted</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>QUIC, encrypted</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Copied: {link}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Offer files</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Export this conversation</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Text for people (*.txt)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>JSON lines for programs (*.jsonl)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Folder for files that are received</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>About chatcore</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>chatcore {version}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Chat rooms for small servers, over QUIC and WebSocket. MIT licence.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Connected to {place} as {name} ({transport})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Reconnecting</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Connecting to {place}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Not connected</source>
      <translation type="unfinished" />
    </message>
    <message numerus="yes">
      <source>%n messages waiting</source>
      <translation>
        <numerusform>%n message waiting</numerusform>
        <numerusform>%n messages waiting</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n commands waiting</source>
      <translation>
        <numerusform>%n command waiting</numerusform>
        <numerusform>%n commands waiting</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n files on their way</source>
      <translation>
        <numerusform>%n file on its way</numerusform>
        <numerusform>%n files on their way</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n in other conversations (Ctrl+J)</source>
      <translation>
        <numerusform>%n in another conversation (Ctrl+J)</numerusform>
        <numerusform>%n in other conversations (Ctrl+J)</numerusform>
      </translation>
    </message>
    <message>
      <source>({unread}, @ {calls}) {conversation} – chatcore</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>({unread}) {conversation} – chatcore</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{conversation} – chatcore</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>MembersPane</name>
    <message>
      <source>Members</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Find a name</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Members of the room</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Both of you</source>
      <translation type="unfinished" />
    </message>
    <message numerus="yes">
      <source>%n members</source>
      <translation>
        <numerusform>%n member</numerusform>
        <numerusform>%n members</numerusform>
      </translation>
    </message>
    <message>
      <source>{name} (you)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Write a direct message</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Who is this?</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>Notices</name>
    <message>
      <source>What you choose counts until you leave, and cannot be kept: {path} cannot be written. Look whether the disk is full, and whether the file is yours.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Something went wrong in the app, and not by your doing: what you did last may be done in part, or not at all. The app goes on. Its log (the terminal that it was started from, or the journal of your system) says where it happened.</source>
      <translation type="unfinished" />
    </message>
    <message numerus="yes">
      <source>%n entries are written to {path}.</source>
      <translation>
        <numerusform>%n entry is written to {path}.</numerusform>
        <numerusform>%n entries are written to {path}.</numerusform>
      </translation>
    </message>
    <message>
      <source>You are on your way to {room}: what you write until then is said there.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The connection is back.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>You are in {room} now.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>You are in {room} now; you are no longer in {old}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The connection is lost. {reason}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>What is not sent yet cannot be kept on this computer: {reason}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the disk does not answer</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{path} cannot be written: {reason}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is no connection.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} is yours from now on: whoever wants the name has to say your password.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>You have shown that {name} is yours.</source>
      <translation type="unfinished" />
    </message>
    <message numerus="yes">
      <source>{names} joined.</source>
      <translation>
        <numerusform>{names} joined.</numerusform>
        <numerusform>{names} joined.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>{names} left.</source>
      <translation>
        <numerusform>{names} left.</numerusform>
        <numerusform>{names} left.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n people joined.</source>
      <translation>
        <numerusform>%n person joined.</numerusform>
        <numerusform>%n people joined.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n people left.</source>
      <translation>
        <numerusform>%n person left.</numerusform>
        <numerusform>%n people left.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n came</source>
      <translation>
        <numerusform>%n came</numerusform>
        <numerusform>%n came</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n left</source>
      <translation>
        <numerusform>%n left</numerusform>
        <numerusform>%n left</numerusform>
      </translation>
    </message>
    <message>
      <source>{came}, {left}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{old} is now called {new}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Not sent yet: {name} may be somebody else now. Nobody had that name in between, or another one has taken it. Send it once more if it is meant so.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Private messages are not changed, answered or reacted to. To do that to a message of a room, choose the room first.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>This room's earlier messages are gone from the server: it was started anew, or the room was created anew.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Waits for the connection: {command}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>QUIC gave no answer here, so this connection is a WebSocket.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>QUIC did not work here, so this connection is a WebSocket.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Files may take longer here: a second connection for them is not possible ({why}).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Files may take longer now: the second connection for them is lost ({why}).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>What answers at the server's address is not the server that you know: somebody may be in between, or this network wants you to log in on a web page first. Nothing is sent there, and what you wrote is kept; the app goes on trying.</source>
      <translation type="unfinished" />
    </message>
    <message numerus="yes">
      <source>{room}: %n people</source>
      <translation>
        <numerusform>{room}: %n person</numerusform>
        <numerusform>{room}: %n people</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n rooms:</source>
      <translation>
        <numerusform>%n room:</numerusform>
        <numerusform>%n rooms:</numerusform>
      </translation>
    </message>
    <message>
      <source>{name} in {room}</source>
      <translation type="unfinished" />
    </message>
    <message numerus="yes">
      <source>%n people:</source>
      <translation>
        <numerusform>%n person:</numerusform>
        <numerusform>%n people:</numerusform>
      </translation>
    </message>
    <message>
      <source>{name} lost the connection and may come back.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} is in {room}, since {since} ({transport}).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} is in {room}, since {since} ({transport}, {dialect}).</source>
      <translation type="unfinished" />
    </message>
    <message numerus="yes">
      <source>Last active %n minutes ago.</source>
      <translation>
        <numerusform>Last active %n minute ago.</numerusform>
        <numerusform>Last active %n minutes ago.</numerusform>
      </translation>
    </message>
    <message>
      <source>Active just now.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Connected from {address}.</source>
      <translation type="unfinished" />
    </message>
    <message numerus="yes">
      <source>and %n more</source>
      <translation>
        <numerusform>and %n more</numerusform>
        <numerusform>and %n more</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n messages from while you were away are lost.</source>
      <translation>
        <numerusform>%n message from while you were away is lost.</numerusform>
        <numerusform>%n messages from while you were away are lost.</numerusform>
      </translation>
    </message>
    <message>
      <source>Direct messages from while you were away may be lost.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The message that you were changing is not here any more; what you typed for it is in the message line.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Your message is not changed; what you typed for it is in the message line.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Your message is not changed; edit it again, and what you typed for it is there.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>That message is not to be had any more, or not without a connection.</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>Notifications</name>
    <message numerus="yes">
      <source>%n new messages</source>
      <translation>
        <numerusform>%n new message</numerusform>
        <numerusform>%n new messages</numerusform>
      </translation>
    </message>
    <message>
      <source>Direct message from {name}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} offers a file</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} in {room}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} mentioned you in {room}</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>Password</name>
    <message numerus="yes">
      <source>A password has at least %n characters.</source>
      <translation>
        <numerusform>A password has at least %n character.</numerusform>
        <numerusform>A password has at least %n characters.</numerusform>
      </translation>
    </message>
    <message>
      <source>These are two different ones. Type the same twice.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Make your name your own</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>New password</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The same once more</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show that a name is yours</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Password of {name}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Go on</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Cancel</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>QAbstractFileIconProvider</name>
    <message>
      <source>Drive</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Folder</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>QFileDialog</name>
    <message>
      <source>&amp;Look in:</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Files of &amp;type:</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>RoomsPane</name>
    <message>
      <source>Create a room</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Rooms</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Direct messages</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Close this conversation</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Join this room</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show who &amp;comes and goes</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Notifications</source>
      <translation type="unfinished" />
    </message>
    <message numerus="yes">
      <source>Room {name}, %n unread messages</source>
      <translation>
        <numerusform>Room {name}, %n unread message</numerusform>
        <numerusform>Room {name}, %n unread messages</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n mention you</source>
      <translation>
        <numerusform>%n mentions you</numerusform>
        <numerusform>%n mention you</numerusform>
      </translation>
    </message>
    <message>
      <source>{unread}, {mentions}</source>
      <translation type="unfinished" />
    </message>
    <message numerus="yes">
      <source>Room {name}, where you are, %n people</source>
      <translation>
        <numerusform>Room {name}, where you are, %n person</numerusform>
        <numerusform>Room {name}, where you are, %n people</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>Room {name}, %n people</source>
      <translation>
        <numerusform>Room {name}, %n person</numerusform>
        <numerusform>Room {name}, %n people</numerusform>
      </translation>
    </message>
    <message>
      <source>Direct messages with {name}</source>
      <translation type="unfinished" />
    </message>
    <message numerus="yes">
      <source>Direct messages with {name}, %n unread</source>
      <translation>
        <numerusform>Direct messages with {name}, %n unread</numerusform>
        <numerusform>Direct messages with {name}, %n unread</numerusform>
      </translation>
    </message>
  </context>
  <context>
    <name>Search</name>
    <message>
      <source>Find in what is loaded here</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Enter goes to an older message, Shift+Enter to a newer one, Escape ends it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Older</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Newer</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>End the search</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>nothing found</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{number} of {count}</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>Settings</name>
    <message>
      <source>As in other rooms</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>All messages</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Mentions of me</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Nothing</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Beside the first of several messages</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Beside each message</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Nowhere</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Settings</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Close</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>As the system has it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Light</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Dark</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Usual</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Theme</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Language (from the next start on)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Text size</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Times</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show who comes and goes</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Sending shows the newest message</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Notifications, while you look elsewhere</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Of rooms</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>With a sound</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Do not disturb: no notifications at all</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>In {room}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Notifications of this room</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show who comes and goes in this room</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>Shortcuts</name>
    <message>
      <source>Keyboard shortcuts</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Send the message</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Begin a new line</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Complete a name or a command</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Change what was said last, in the empty line</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Leave a message as it is, or answer nothing</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Recall what was typed before, or after that</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Read further up or down, from the message line</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Copy messages with names and times</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Join the room that is read, from the empty line</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Open the menu of a room, a member or a message</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Menu key</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Close</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>Trust</name>
    <message>
      <source>The server at {place} is remembered.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The server at {place} is remembered by its key's fingerprint, {fingerprint}; compare it with what the server shows. The menu Chat has it under Encryption.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Nothing is encrypted: whoever is on the way to the server can read and change it.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Everything between you and the server is encrypted, and an authority that you trust vouches for the server.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Everything between you and the server is encrypted. Nobody is in between if the server shows the same fingerprint of its key:</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>Library</name>
    <message>
      <source>'{character}' in '{name}' is a digit of another script than those before it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>'{character}' in '{name}' is from another script than what stands before it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>'{name}' begins with xn--, as other names do where they are written with a to z</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>'{name}' is too long, with {count} characters</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>'{name}' is too short</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/accept [FILE-ID]</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/ban NAME [+address] [30s|10m|2h|7d] [REASON]</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/bans</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/cancel [FILE-ID]</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/close [REASON]</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/create ROOM</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/decline [FILE-ID]</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/delete [NAME]</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/deop NAME</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/edit TEXT</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/help</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/history [N]</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/identify [NAME] [PASSWORD]</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/invite NAME</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/join ROOM</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/kick NAME [REASON]</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/leave</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/link</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/list</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/msg NAME[,NAME...] TEXT</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/msgall TEXT</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/mute NAME [30s|10m|2h|7d] [REASON]</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/nick NAME</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/op NAME [owner]</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/private [off]</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/quit</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/react EMOJI [NAME]</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/register [PASSWORD]</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/reply NAME TEXT</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/rooms</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/search WORDS [from:NAME] [in:ROOM] [since:DATE] [until:DATE]</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/send NAME[,NAME...] FILE</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/slow SECONDS</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/topic TEXT</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/unban NAME</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/unmute NAME</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/unreact EMOJI [NAME]</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/who</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/whois NAME</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>@{name} and @{other} in people are one account</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Bad file descriptor</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Disk quota exceeded</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>File exists</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>File too large</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Input/output error</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Is a directory</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Network is unreachable</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No route to host</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No space left on device</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No such file or directory</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Not a directory</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Operation not permitted</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Permission denied</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Read-only file system</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>TLS records of a few bytes</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The server at {place} shows another key than before. Somebody may be listening in, or the server was set up anew; ask whoever runs it.
  known fingerprint: {known}
  fingerprint now:   {now}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The server at {url} shows another key than the one that you gave. Somebody may be listening in, or the fingerprint is that of another server; ask whoever runs it.
  fingerprint given: {given}
  fingerprint now:   {now}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a TLS key is given without its certificate; give that too, with --tls-cert</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a direct message goes to at most {recipients} users</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a direct message needs somebody to go to</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a file goes to at most {file_receivers} users</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a file has a size and a SHA-256 of 64 hex digits in lower case</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a file has at most {file_bytes} bytes here</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a file needs somebody else to go to</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a message of {target} was deleted</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a message took too long</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a message was too large</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a name has {shortest} to {longest} letters (a-z, without accents), digits, _ or -</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a name has {shortest} to {longest} letters of one script, digits, _ or -</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a number is beyond 2^53</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a number was left out</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a part of it was lost between two servers; offer it again, and the rest will follow</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a password has {shortest} to {longest} characters</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a request is larger than an entry of the journal may be</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a role is owner, moderator or member</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a time is before the year 1 or after 9999</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>accounts are off, optional or required, and not {given!r}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>advertise is of no use: the store {place} is for one server alone</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>an operator has banned or muted {name} in {room}: only operators take that back</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>answer the last message of somebody here</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>anything else is a message to the room; // begins one with a slash</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>below a message stands one emoji</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>by WebSocket: {one}; by QUIC: {other}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>cancelled</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>cancelled at the other side</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>cannot listen on port {port} of {host}: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>cannot reach {place}: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>certificate has expired</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>certificate is not yet valid</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>cid {cid} was used for something else</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>closed by the peer</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>closed by the peer ({why})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>closed by us</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>create a room and enter it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>declined</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>dropped by the peer</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>dropped by us</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>end this room; everybody is in the lobby then</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>end what is on its way, or take an offer back</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>enter a room, and leave this one</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>everybody starts in {room}: it cannot be private</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>from your network address, as many names are registered as are left for all others; whoever looks after the server can register yours</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>go back to the lobby</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>goodbye</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>in '{name}' there is a mark that stands on no letter, or one too many</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>in {room} you may say something every {seconds} s</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>in {room}, your role is no higher than that of {name}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>internal error</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it arrived out of order</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it has {shortest} to {longest} characters</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it is a proxy that speaks the PROXY protocol, which is not understood here</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it is damaged</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it is not a file</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it is too long</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it speaks HTTP, as browsers, pages in them and WebSocket clients do, and this port is plain TCP</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it speaks TLS, and this port is not encrypted</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>it takes too long</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>leave {part} out of the link; it has no meaning there</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>leave {part} out of {url}; it has no meaning there</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>let everybody wait between two messages; /slow 0 ends it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>let nobody in any more who is not invited</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>let somebody in again</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>let somebody into this private room</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>let somebody listen only, for so long or for good</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>let somebody speak again</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>let your last message here say something else</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>let your name be yours for good; again to change the password</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>line {line} of the known servers in {path} cannot be read, and may be about {server}; correct it, or take it out once you are sure of that server's key</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>log in first</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>log out</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>look for messages; DATE is 2026-11-27, and /search alone goes on</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>make somebody a moderator of this room, or its owner</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>make somebody an ordinary member again</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>metrics cannot be offered at {place}: {why}; choose another place with --admin-listen</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>no client understands the TLS key {path} ({kind}); make one for P-256, or for RSA with 2048 bits or more</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>no sign of life</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>no socket that was opened for the server has port {port}; name it in its .socket unit with {setting}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>nobody can be found on the network: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>nobody else can own {room}: make somebody its owner, or a moderator, first</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>nobody else in this room can receive files now</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>nobody has to wait longer than {hours} h between two messages</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>nobody has to wait that long between two messages</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>nobody is banned here, or muted</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>not UTF-8</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>nothing came back of what it was given, for {seconds:g} s</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>nothing can be kept: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>nothing comes back from the journal</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>nothing listens at {place}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>nothing listens at {place} (is the server running, and is the port right?)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>nothing listens there any more</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>nothing moved for too long</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>nothing was heard from the other side for too long</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>nothing would be kept with {name}={value}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>offer a file to some users; * for everyone in this room</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>only moderators of {room} may do that (rule {rule})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>only operators may do that (rule {rule})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>only the owner of {room} may do that (rule {rule})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>only who has said it may change a message</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>operators and bots are accounts, and there are none: give passwords or authenticate</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>other limits hold: {value}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>port {port} on {host} is in use by another program</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>port {port} on {host} is in use, perhaps by a server that you started before; stop that one, or choose another port with --port or --listen</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>put an emoji below the last message here, or somebody's</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>put somebody out and let nobody of that name in again, for so long or for good</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>put somebody out of this room</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>receive a file that is offered</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>say something to everyone connected</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>say something to some users only, wherever they are</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>say what this room is about; /topic - takes it away</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>say what to look for: words, a sender or a time</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>see a link with which others get into this room</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>see all rooms</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>see all users and their rooms</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>see earlier messages of this room</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>see this list</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>see where a user is, over what, since when, and how long silent</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>see who is banned or muted here</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>see who is in this room</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>self-signed certificate</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>self-signed certificate in certificate chain</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>show that a name that belongs to somebody is yours</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>somebody else may have the name since the connection was lost</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>somebody had registered this name before the settings named it, and has the limits of that name from now on; if you do not know whose it is, give it another password (chatcore admin URL reset NAME), or take it out of the settings</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>somebody had registered this name before the settings named it, and is an operator from now on; if you do not know whose it is, give it another password (chatcore admin URL reset NAME), or take it out of the settings</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>somebody who looks after this place has put you out</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>stalled</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>take another name</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>take away your last message here, or as a moderator somebody's</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>take your emoji back from the last message here that has it, or somebody's</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>that program cannot receive files</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>that user is away, and many messages from you or your network wait there: others may still write</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>that user is away, and many messages wait there already</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>that user is not banned</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the TLS certificate {path} and its key cannot be used: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the TLS certificate {path} cannot be read: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the TLS certificate {path} is damaged</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the TLS certificate {path} is not a PEM file with a certificate</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the TLS certificate {path} needs its private key; give it with --tls-key</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the TLS key {key} does not belong to the certificate {path}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the TLS key {path} cannot be read: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the TLS key {path} is damaged</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the TLS key {path} is not a PEM file with a private key</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the TLS key {path} is protected by a password; give one that is not</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the account {name} has {sessions} sessions, as many as it may have; log out of one first</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the accounts of this server are looked after elsewhere</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the accounts of this server are out of order; try again later, or tell whoever runs it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the certificate of {place} is not the one that was pinned: its fingerprint is {shown}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the certificate of {place} is not to be trusted: it is not for {host}, but for {names}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the certificate of {place} is not to be trusted: it names no server, so it is not for {host} either</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the certificate of {place} is not to be trusted: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the certificates in {path} are in the wrong order: that of the key {key} comes first, then those that vouch for it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the client id cannot be used: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the client is closed</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the client was closed</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the connection ended before the server answered; it may have arrived all the same</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the connection ended each of the {count} times that this was sent; it may have arrived all the same</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the connection ended each time that this was sent; it may have arrived</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the connection is closed</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the connection to {url} failed: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the connection to {url} was lost before the login: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the dialect {name!r} cannot be used here: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the end of the link cannot be read: {part}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the file became shorter while it was read</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the file became shorter while it was sent</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the file has {size} bytes</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the file of trusted certificates {path} cannot be read: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the file was not sent to its end</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the folder {path} cannot be made: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the handshake took too long</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the host {host} has no address</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the host {host} is not known</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the host {host} to listen on is not known; choose another one with --host or --listen</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the invitation cannot be used: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the keys of encrypted connections cannot be written to {file}, which the environment variable {variable} names: {why}; unset it, or name another file</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the known servers in {path} cannot be read: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the link has another key for the server at {server} than the one that it had before: somebody may have forged the link, or the server was set up anew; its key's fingerprint was {known} and is {given} in the link. Ask whoever runs the server, or connect to {url} without the link, which goes by the known key</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the link is longer than {most} characters</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the login took too long</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the name of a file has at most {name_bytes} bytes, and no control characters</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the name {name} belongs to nobody</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the name {name} belongs to somebody already; reset gives that account another password</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the name {name} belongs to somebody, and this server asks for no passwords of accounts at present: take another one; if it is yours, tell whoever runs the server</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the name {name} belongs to somebody: log in with its password, or take another one</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the name {name} is kept for {seconds} s more, for somebody who has lost the connection</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the name {name} is taken</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the name {name} looks like {other}, and another room is called that</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the name {name} looks like {other}, and somebody is called that</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the next cid is {expected}, not {cid}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the operator token cannot be used: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the operators have another token</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the operators have no token any more</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the other servers of this chat have other settings ({names}); start it with theirs, or stop them first</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the other side cannot read or write the file</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the other side does not know this connection any more: it was started anew, or had given it up</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the owner of the account {target} is an operator from now on, by the settings</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the packages {one} and {other} both offer {name!r}; uninstall the one that you do not want</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the password cannot be used: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the password of the server has {number} bytes, and {most} at most can be sent</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the password of the server is empty</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the peer vanished</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the program of {name} cannot receive files</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the program that this server runs in cannot do that</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the room in the link cannot be: {problem}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the server answered {request} with {answer}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the server asks for a name again and again</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the server at {server} shows another key than before: somebody may be in between, or it was set up anew; its key's fingerprint was {known} and is {shown}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the server cannot be announced on the network: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the server cannot read this from its disk; whoever looks after it finds why in its log</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the server cannot write anything down at present; try again later</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the server did not answer in time</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the server did not understand this</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the server does not know it any more; offer it again</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the server does not say where</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the server has another password</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the server has no password any more</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the server is full; try again later</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the server is shutting down</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the server is starting</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the server made a mistake</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the server refused it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the server sent a chunk out of its order</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the server sent a line without an end</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the server sent something unreadable: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the server was not started</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the server's WebSocket is not encrypted, and this connection is</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the server's key cannot be kept in {place}: {why}; choose another directory with --state-dir, or give a certificate with --tls-cert and --tls-key</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the server's key cannot be remembered in {path}: {why}; choose another directory with --state-dir</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the server's key {path} can be read by others; take that right away (chmod 600)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the server's key {path} is damaged; restore it, or delete it for a new one</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the server's key {path} is not one for P-256; delete it for a new one</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the settings and certificates were read again</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the settings cannot be used, so those from before go on; the log of the server says why</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the settings of this server name {name}: nobody is called that until an operator has registered it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the settings of this server name {name}: only an operator can register it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the snapshot in the store {path} cannot be read; keep the store and report what the log says of it, or put a backup in its place</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the store cannot be written any more</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the store cannot be written to; its own message is in the log</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the store memory has no place</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the store {name!r} cannot be used here: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the store {path} cannot be used: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the tcp transport is never encrypted; leave out the certificate, or use ws or quic</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the text is empty</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the text is longer than {text_bytes} bytes</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the token of the operators has {number} bytes, and {most} at most can be sent</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the token of the operators is too short: {number} characters</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the transport {name!r} cannot be used here: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there are enough reactions to this message</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there are too many connections at {place}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there are too many files called {name} in {folder}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there are too many files on their way; try again later</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there are too many invitations; take some back first</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there is '{character}' in '{name}'</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there is a character at place {number} that is broken or not UTF-8; replace it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there is a room called {name} already</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there is a space in '{name}'</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there is no command /{name}; /help lists them all, // begins a message with a slash</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there is no command /{name}; did you mean /{close}? /help lists them all</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there is no dialect called {name!r}, only {names}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there is no invitation with that number, or not any more</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there is no link to {url}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there is no password to log in with: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there is no place to listen in: give one, or leave listen out</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there is no room called {name}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there is no room for this file in {folder}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there is no space left for it there</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there is no store called {name!r}, only {names}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there is no such account, or it has another password</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there is no such message (any more)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there is no such room</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there is no such user</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there is no transport called {name!r}, only {names}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>there is no user called {name}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this cannot be a name</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this cannot be sent to this server: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this file is being received already</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this file is not on offer any more</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this has at most {characters} characters</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this invitation is not good, or not any more; ask for another one</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this is an echo server and no chat: it sends back what it gets</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this is how to write it: {usage}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this is nested too deeply</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this is no batch of records</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this is no batch of records: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this is no entry of a log</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this is not JSON</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this is not a JSON object</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this is not a SHA-256</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this is not allowed</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this is not the token of the operators</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this is one line, without line breaks and other control characters</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this is too large</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this is too large, and has no end</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this is too long</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this is too long to be a name, or these are too many</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this name belongs to somebody: log in with its password, or take another one</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this name is taken</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this name looks like that of somebody else</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this network address has too many connections; close some, or try again later</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this number was used already</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this program has no folder for files; give connect() a file store</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this room exists already</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this room is private</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this room is yours: /topic, /op, /kick, /mute and /ban are for you</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this server archives nothing at present: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this server asks for no passwords of accounts at present, so nobody can log in to one; tell whoever runs it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this server does not rename</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this server does not tell who is there</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this server has a password, and it is missing or wrong</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this server has as many accounts as it may have</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this server has no accounts</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this server has no direct messages</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this server has no replies</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this server has nothing like that</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this server has nothing like {asked}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this server has one room only</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this server is behind the others</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this server lets in only who has an account: choose a password for {name}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this server lets in only who has an account; ask whoever runs it for one</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this server passes on no files</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this server would take that for a command</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this ticket is good for no connection (any more)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this user has no home directory for keys and known servers; name a directory with --state-dir, or in CHATCORE_STATE_DIR</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this user may not listen on port {port}; choose one above 1023 with --port or --listen</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>this was written by a newer chatcore (records of version {found}, this one knows {known}); upgrade it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>too many files are on offer here; try again later</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>too many files at once</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>too many files of your network address are on offer; try again later</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>too many fragments</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>too many pings and pongs</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>too many streams</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>too many users are banned or muted in {room}; let some in again first</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>too many wrong passwords came from your network address; try again in {seconds} s</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>too many wrong passwords came from your network address; try again later</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>too much at once</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>turn a file down</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>unable to get local issuer certificate</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>what arrived is not what was offered</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>what arrived is not what was offered; it was deleted</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>what came was broken</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>what came was broken ({why})</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>what had come into {folder} so far was moved or removed</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>what was kept of the chat is of a newer version of chatcore; install that one</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>what was said may be lost: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>without passwords or authenticate, there are no accounts</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>write 0.0.0.0 for every address of this computer instead of *, or :: for IPv6</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>you are a moderator here: /topic, /kick, /mute and /ban are for you</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>you are an operator here: /topic, /op, /kick, /mute and /ban are for you</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>you are asking for too much at once</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>you are banned</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>you are banned from {room}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>you are banned from {room} for another {days} days</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>you are banned from {room} for another {hours} h</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>you are banned from {room} for another {minutes} min</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>you are in {room}, not in {name}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>you are logged in already</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>you are logged in as {name}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>you are not in that room any more</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>you are writing too fast</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>you are {name} already; log in anew to be somebody else</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>you connected from somewhere else</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>you have to wait before you say more here</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>you may have {file_offers} files on offer at a time</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>you may have {file_transfers} files on their way at a time</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>you may not do that here</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>you may not speak here</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>you may not speak in {room}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>you may not speak in {room} for another {days} days</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>you may not speak in {room} for another {hours} h</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>you may not speak in {room} for another {minutes} min</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>you may only listen here</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>you may own {rooms} rooms at a time; close one first</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>you own as many rooms as you may</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>your account has another password now; log in with that one</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>your account was removed: the name belongs to nobody any more</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{address} is not the address of a server; write it like 192.168.1.5, example.org:8765 or ws://example.org:8765</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{by} banned {target} from {room}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{by} banned {target} from {room} (nobody is called that now; it is for whoever will be)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{by} changed a message: {text}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{by} changed the topic of {room}: {value}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{by} closed {room}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{by} deleted a message</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{by} deleted a message of {target}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{by} gave the account {target} a password</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{by} had the settings and certificates read again</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{by} invites {target} to {room}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{by} is an operator from now on</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{by} let the name {target} belong to nobody any more</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{by} lets everybody in {room} wait for {value} s between two messages</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{by} lets everybody in {room} write as they like</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{by} lets the server end</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{by} lets {target} into {room} again</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{by} lets {target} speak in {room} again</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{by} made invitation {value} to {room}, for one login</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{by} made invitation {value} to {room}, for {text} logins</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{by} made invitation {value}, for one login</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{by} made invitation {value}, for {text} logins</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{by} made {room} private: only who is invited gets in</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{by} muted {target} in {room}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{by} muted {target} in {room} (nobody is called that now; it is for whoever will be)</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{by} opened {room} to everybody</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{by} put {target} out of {room}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{by} said to everyone: {text}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{by} took a ban of {target} from {room} back, but another one holds</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{by} took a mute of {target} in {room} back, but another one holds</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{by} took invitation {value} back</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{by} took the topic of {room} away</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{file} is in {encoding}; save it as UTF-8</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{file} is not in UTF-8; save it as UTF-8</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{given} is not a fingerprint: 64 hexadecimal digits, with or without colons</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{host} is an address on each network of this machine; say on which one, like [{host}%eth0]</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{host} is an address on each network of this machine; say on which one, like {host}%eth0</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{host} is not an address of this machine; choose another one with --host or --listen</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name!r} is no name of a room: 1 to 32 letters of one script, digits, _ or -</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name!r} is no name of an account: 2 to 32 letters of one script, digits, _ or -</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} and {other} in the retention's rooms are one room</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} cannot be put into {folder}: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} has left</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} has {file_transfers} files on their way already; try again later</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} is a moderator there</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} is an operator of this server</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} is away, and {messages} messages from you or your network wait there: others may still write</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} is away, and {messages} messages wait there already</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} is held by what was done to {other}: take that back</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} is not banned</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} is not in {room}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} may only listen there</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} may own {rooms} rooms at a time, and would own more with yours; close or give away some first</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} may speak already</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} owns that room</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} owns {rooms} rooms already, and may not own more</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{network} is not a network address, like 192.0.2.7, or a network, like 192.168.0.0/16 or fd00::/8</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{network} is not the address of a proxy, like 127.0.0.1, or a network of them, like 10.0.0.0/8</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{number} B</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{number} GB</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{number} MB</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{number} TB</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{number} kB</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{one} or {other}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{origin} is not the origin of web pages, like https://chat.example.org</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{part} in the link is no path: it begins with a slash</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{part} in the link is no way to a chat, only {names} are</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{part} stands in the link and is no invitation</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{part} stands twice in the link</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{path} cannot be read: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{path} cannot be removed: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{path} cannot be written: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{path} does not tell its size, and has no end in sight</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{path} is in the way; remove it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{path} is not a PEM file with certificates to trust</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{path} is not a file</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{path} is not a folder, and files cannot come into it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{place} answered {answer} instead of opening a WebSocket</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{place} answered {answer} instead of opening a WebSocket: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{place} answered {answer} instead of opening a WebSocket; if it is encrypted, use wss:// or chat://</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{place} answered {answer} instead of opening a WebSocket; it names another address: {url}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{place} answered {answer} instead of opening a WebTransport session</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{place} answered {answer} instead of opening a WebTransport session: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{place} did not answer in time</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{place} does not know this connection any more: it was started anew, or had given it up</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{place} does not speak TLS as expected ({why}); is it a WebTransport server?</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{place} does not speak TLS as expected ({why}); is it a wss:// server?</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{place} does not speak WebSocket</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{place} does not speak this version of QUIC</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{place} hung up at once</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{place} hung up before it opened a WebSocket; if it is encrypted, use wss:// or chat://</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{place} hung up before it opened a WebSocket; is it a WebSocket server?</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{place} hung up before it opened a WebSocket; is it a wss:// server?</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{place} hung up before it opened a WebTransport session; is it a WebTransport server?</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{place} refused the connection</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{place} refused the connection: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{port} is not a port; choose one between 1 and 65535 with --port or --listen, or 0 for any</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{problem}; did you mean {close!r}?</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{problem}; to install it: {command}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{room} is always there</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{room} is private: somebody who looks after it has to invite you</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{target} is a moderator of {room} now</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{target} is an ordinary member of {room} now</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{target} is banned, by {by}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{target} is muted, by {by}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{target} is no operator any more, by the settings</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{target} owns {room} now</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{url!r} is not an address on a network in memory</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{url!r} is not an address that can be connected to; it begins with {schemes}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{url} did not answer the login within {seconds} s; is it a chat server?</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{url} has no login: {name} is no chat</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{url} is not encrypted, so nothing there can be recognised by its fingerprint; use wss:// or quic://</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{url} is not the address of a QUIC server, like {like}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{url} is not the address of a TCP server, like {like}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{url} is not the address of a WebSocket server, like {like}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{url} is not the address of a WebSocket, like {like}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{url} is not the address of a server, like {like}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{url}: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{what}, until {until}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{what}: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{whole}.{tenths}</source>
      <translation type="unfinished" />
    </message>
  </context>
</TS>