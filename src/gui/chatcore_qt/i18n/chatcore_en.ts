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
      <source>Open the download folder</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose the download folder…</source>
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
      <source>&amp;Jump to a room…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Next &amp;unread</source>
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
      <source>To the list of &amp;rooms</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>To the list of m&amp;embers</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>To the &amp;files</source>
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
      <source>&amp;Notifications</source>
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
      <source>&amp;Theme</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>Commands</name>
    <message>
      <source>/nick NAME</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>take another name</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/who</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>see who is in this room</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/whois NAME</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>see where a user is, and since when</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/msgall TEXT</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>say something to everyone connected</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/msg NAME[,NAME...] TEXT</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>say something to some users only</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/list</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>see all users and their rooms</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/rooms</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>see all rooms</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/create ROOM</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>create a room and enter it</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/join ROOM</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>enter a room, and leave this one</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/leave</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>go back to the lobby</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/send NAME[,NAME...] FILE</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>offer a file to some users; * for everyone in this room</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/accept [FILE-ID]</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>receive a file</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/decline [FILE-ID]</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>turn a file down</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/cancel [FILE-ID]</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>end what is on its way, or take an offer back</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/help</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>see this list</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>/quit</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>log out and close the app</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{usage}: {about}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Anything else is a message to the room; // begins one with a slash.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>This is how to write it: {usage}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is no command /{name}. Did you mean /{close}? /help lists them all.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is no command /{name}. /help lists them all; // begins a message with a slash.</source>
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
      <source>Write a message</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>What was pasted was too long; the end of it is missing.</source>
      <translation type="unfinished" />
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
      <source>chat.example.org or 192.168.1.5</source>
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
      <source>Somebody may be between you and the server. Go on only if the person who runs it tells you that the certificate was replaced, and reads you the new fingerprint.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Fingerprint until now</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Fingerprint shown now</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Accept the new certificate</source>
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
      <source>The server at {place} shows another certificate than before.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>A name has at least two letters, digits, _ or -.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Leave {part} out; it has no meaning in the address of a server.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>A port is a number from 1 to 65535.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Type the name or the address of the server's machine.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No connection: {reason}</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>Conversation</name>
    <message>
      <source>Not sent: the connection ended.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Not sent: there is no connection.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Not sent: {reason}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Not sent. {reason}</source>
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
      <source>Select &amp;all</source>
      <translation type="unfinished" />
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
    <message>
      <source>A room's name has letters, digits, _ and - only.</source>
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
    <message>
      <source>{number} B</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{number} kB</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{number} MB</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{number} GB</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{number} TB</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>.</source>
      <comment>between the digits of a number</comment>
      <translation type="unfinished" />
    </message>
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
      <source>{user} has left.</source>
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
      <source>Nobody else here can receive files.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Not offered. {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The connection has ended.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>It cannot be read or written: {detail}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>This is a folder; put it into an archive first.</source>
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
  </context>
  <context>
    <name>Jump</name>
    <message>
      <source>Jump to a room</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Room or name</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>What fits</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>Leave</name>
    <message>
      <source>Files are on their way</source>
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
      <source>Connection</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Offer files</source>
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
      <source>%n files on their way</source>
      <translation>
        <numerusform>%n file on its way</numerusform>
        <numerusform>%n files on their way</numerusform>
      </translation>
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
      <source>In this conversation</source>
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
    <name>Middle</name>
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
  </context>
  <context>
    <name>Notices</name>
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
    <message>
      <source>{old} is now called {new}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>This room's earlier messages are gone from the server: it was started anew, or the room was created anew.</source>
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
      <source>{name} is in {room}, since {since} ({transport}, {dialect}).</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} lost the connection and may come back.</source>
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
      <source>The connection is back.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The connection is lost.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The connection is lost. {reason}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is no connection.</source>
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
      <source>{name} mentioned you in {room}</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>Reasons</name>
    <message>
      <source>The server did not understand this.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>This is too long.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Too many messages at once.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>A name has letters, digits, _ and - only, and is neither too short nor too long.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>This name is taken.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is no such user.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is no such room.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>This room exists already.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>This is not allowed.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>You are not in that room any more.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>This file is not on offer any more.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There are too many files on their way; try again later.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>That user's program cannot receive files.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>It arrived out of order.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>What arrived is not what was offered; it was deleted.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Nothing moved for too long.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The other side cannot read or write the file.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is no space left for it there.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The server is full.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There are too many connections from your network.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The server cannot write anything down at present.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The server is shutting down.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The server made a mistake.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>You connected from somewhere else.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The login took too long.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Nothing was heard from the other side for too long.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is no way to this machine; is there a network?</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is no such file.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>You are not allowed to read or write there.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Nothing can be written there.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The disk is full.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The file is too large for this disk.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The disk has an error.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The folder cannot be made: a file has its name.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>This file is being received already.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The connection ended each time that this was sent; it may have arrived.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>This server's certificate is not one that you trust, or that has the fingerprint you gave.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The server did not answer in time.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>This machine is not known; is its name right?</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>What answers there does not encrypt as expected; is the transport right?</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Nothing listens there; is the server running, and is the port right?</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>What answers there hung up at once; is the transport right?</source>
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
    <message numerus="yes">
      <source>Room {name}, %n unread messages</source>
      <translation>
        <numerusform>Room {name}, %n unread message</numerusform>
        <numerusform>Room {name}, %n unread messages</numerusform>
      </translation>
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
      <source>Recall what was sent before</source>
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
</TS>