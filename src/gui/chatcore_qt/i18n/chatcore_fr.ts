<?xml version='1.0' encoding='utf-8'?>
<TS version="2.1">
  <context>
    <name>Actions</name>
    <message>
      <source>As the &amp;system has it</source>
      <translation>Comme le &amp;système</translation>
    </message>
    <message>
      <source>&amp;Light</source>
      <translation>C&amp;lair</translation>
    </message>
    <message>
      <source>&amp;Dark</source>
      <translation>Som&amp;bre</translation>
    </message>
    <message>
      <source>&amp;Chat</source>
      <translation>&amp;Discussion</translation>
    </message>
    <message>
      <source>&amp;Connect…</source>
      <translation>&amp;Se connecter…</translation>
    </message>
    <message>
      <source>Connect to the &amp;last server</source>
      <translation>Se connecter au de&amp;rnier serveur</translation>
    </message>
    <message>
      <source>Reconnect &amp;now</source>
      <translation>Se reconnecter &amp;maintenant</translation>
    </message>
    <message>
      <source>&amp;Disconnect</source>
      <translation>Se &amp;déconnecter</translation>
    </message>
    <message>
      <source>Co&amp;py the link to this room</source>
      <translation>Co&amp;pier le lien vers ce salon</translation>
    </message>
    <message>
      <source>&amp;Encryption…</source>
      <translation>C&amp;hiffrement…</translation>
    </message>
    <message>
      <source>Create a &amp;room…</source>
      <translation>&amp;Créer un salon…</translation>
    </message>
    <message>
      <source>Lea&amp;ve this room</source>
      <translation>&amp;Quitter ce salon</translation>
    </message>
    <message>
      <source>Cl&amp;ose this conversation</source>
      <translation>F&amp;ermer cette conversation</translation>
    </message>
    <message>
      <source>Offer a &amp;file…</source>
      <translation>Proposer un &amp;fichier…</translation>
    </message>
    <message>
      <source>E&amp;xport this conversation…</source>
      <translation>E&amp;xporter cette discussion…</translation>
    </message>
    <message>
      <source>Open the do&amp;wnload folder</source>
      <translation>Ou&amp;vrir le dossier de téléchargement</translation>
    </message>
    <message>
      <source>Choose &amp;the download folder…</source>
      <translation>Choisir &amp;le dossier de téléchargement…</translation>
    </message>
    <message>
      <source>&amp;Quit</source>
      <translation>Qui&amp;tter chatcore</translation>
    </message>
    <message>
      <source>&amp;Go</source>
      <translation>&amp;Aller</translation>
    </message>
    <message>
      <source>&amp;Jump to a room or a user…</source>
      <translation>Aller à un salon ou à &amp;quelqu’un…</translation>
    </message>
    <message>
      <source>&amp;Find in this conversation…</source>
      <translation>&amp;Chercher dans cette discussion…</translation>
    </message>
    <message>
      <source>&amp;Search on the server…</source>
      <translation>Rec&amp;hercher sur le serveur…</translation>
    </message>
    <message>
      <source>Next &amp;unread</source>
      <translation>Prochain &amp;non lu</translation>
    </message>
    <message>
      <source>Next men&amp;tion</source>
      <translation>Men&amp;tion suivante</translation>
    </message>
    <message>
      <source>&amp;Next conversation</source>
      <translation>Conversation &amp;suivante</translation>
    </message>
    <message>
      <source>&amp;Previous conversation</source>
      <translation>Conversation &amp;précédente</translation>
    </message>
    <message>
      <source>Write a &amp;message</source>
      <translation>Écrire un &amp;message</translation>
    </message>
    <message>
      <source>Repl&amp;y to the current or the newest message</source>
      <translation>&amp;Répondre au message courant ou au plus récent</translation>
    </message>
    <message>
      <source>Rea&amp;ct to the current or the newest message…</source>
      <translation>Réa&amp;gir au message courant ou au plus récent…</translation>
    </message>
    <message>
      <source>To the list of &amp;rooms</source>
      <translation>À la liste des sa&amp;lons</translation>
    </message>
    <message>
      <source>To the list of m&amp;embers</source>
      <translation>À la liste des m&amp;embres</translation>
    </message>
    <message>
      <source>To the f&amp;iles</source>
      <translation>Vers les &amp;fichiers</translation>
    </message>
    <message>
      <source>&amp;Help</source>
      <translation>Aid&amp;e</translation>
    </message>
    <message>
      <source>&amp;Keyboard shortcuts</source>
      <translation>&amp;Raccourcis clavier</translation>
    </message>
    <message>
      <source>&amp;Commands that can be typed</source>
      <translation>&amp;Commandes à saisir</translation>
    </message>
    <message>
      <source>&amp;About chatcore</source>
      <translation>À &amp;propos de chatcore</translation>
    </message>
    <message>
      <source>&amp;View</source>
      <translation>A&amp;ffichage</translation>
    </message>
    <message>
      <source>Show the &amp;rooms</source>
      <translation>Afficher les &amp;salons</translation>
    </message>
    <message>
      <source>Show the &amp;members</source>
      <translation>Afficher les &amp;membres</translation>
    </message>
    <message>
      <source>Who &amp;comes and goes in this room</source>
      <translation>&amp;Arrivées et départs dans ce salon</translation>
    </message>
    <message>
      <source>Sending shows the ne&amp;west message</source>
      <translation>Envoyer montre le &amp;dernier message</translation>
    </message>
    <message>
      <source>Do &amp;not disturb</source>
      <translation>Ne &amp;pas déranger</translation>
    </message>
    <message>
      <source>&amp;Larger text</source>
      <translation>Texte plus &amp;grand</translation>
    </message>
    <message>
      <source>&amp;Smaller text</source>
      <translation>Texte plus pet&amp;it</translation>
    </message>
    <message>
      <source>Text of the &amp;usual size</source>
      <translation>Texte de taille &amp;normale</translation>
    </message>
    <message>
      <source>S&amp;ettings…</source>
      <translation>&amp;Réglages…</translation>
    </message>
    <message>
      <source>&amp;Theme</source>
      <translation>&amp;Thème</translation>
    </message>
  </context>
  <context>
    <name>Commands</name>
    <message>
      <source>{usage}: {about}</source>
      <translation>{usage} : {about}</translation>
    </message>
  </context>
  <context>
    <name>Composer</name>
    <message>
      <source>Message</source>
      <translation>Message</translation>
    </message>
    <message>
      <source>Enter sends, Shift+Enter begins a new line, Tab completes names and commands.</source>
      <translation>Entrée envoie, Maj+Entrée va à la ligne, Tab complète les noms et les commandes.</translation>
    </message>
    <message>
      <source>&amp;Offer it as a file</source>
      <translation>L’&amp;offrir en fichier</translation>
    </message>
    <message>
      <source>&amp;Forget it</source>
      <translation>L’o&amp;ublier</translation>
    </message>
    <message>
      <source>Write a message</source>
      <translation>Écrire un message</translation>
    </message>
    <message>
      <source>You pasted a picture ({width} × {height}).</source>
      <translation>Vous avez collé une image ({width} × {height}).</translation>
    </message>
    <message numerus="yes">
      <source>What you pasted has %n characters, too many for a message.</source>
      <translation>
        <numerusform>Ce que vous avez collé a %n caractère, c’est trop pour un message.</numerusform>
        <numerusform>Ce que vous avez collé a %n caractères, c’est trop pour un message.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>This message is too long by %n bytes.</source>
      <translation>
        <numerusform>Ce message est trop long de %n octet.</numerusform>
        <numerusform>Ce message est trop long de %n octets.</numerusform>
      </translation>
    </message>
    <message>
      <source>The character at place {number} is broken and cannot be sent; replace it.</source>
      <translation>Le caractère à la place {number} est abîmé et ne peut pas être envoyé ; remplacez-le.</translation>
    </message>
    <message>
      <source>Enter deletes this message, Escape leaves it as it is.</source>
      <translation>Entrée supprime ce message, Échap le laisse tel quel.</translation>
    </message>
    <message>
      <source>Enter changes your message, Escape leaves it as it is.</source>
      <translation>Entrée modifie votre message, Échap le laisse tel quel.</translation>
    </message>
    <message>
      <source>Commands</source>
      <translation>Commandes</translation>
    </message>
  </context>
  <context>
    <name>ConnectDialog</name>
    <message>
      <source>Automatic (QUIC or WebSocket)</source>
      <translation>Automatique (QUIC ou WebSocket)</translation>
    </message>
    <message>
      <source>WebSocket</source>
      <translation>WebSocket</translation>
    </message>
    <message>
      <source>WebSocket, encrypted</source>
      <translation>WebSocket, chiffré</translation>
    </message>
    <message>
      <source>QUIC</source>
      <translation>QUIC</translation>
    </message>
    <message>
      <source>Password of the server</source>
      <translation>Mot de passe du serveur</translation>
    </message>
    <message>
      <source>Password of your name</source>
      <translation>Mot de passe de votre nom</translation>
    </message>
    <message>
      <source>New password for your name</source>
      <translation>Nouveau mot de passe pour votre nom</translation>
    </message>
    <message>
      <source>Connect to a chat server</source>
      <translation>Se connecter à un serveur de discussion</translation>
    </message>
    <message>
      <source>Your servers</source>
      <translation>Vos serveurs</translation>
    </message>
    <message>
      <source>Keep as a favourite</source>
      <translation>Garder comme favori</translation>
    </message>
    <message>
      <source>Take off the list</source>
      <translation>Retirer de la liste</translation>
    </message>
    <message>
      <source>Connect</source>
      <translation>Se connecter</translation>
    </message>
    <message>
      <source>Server</source>
      <translation>Serveur</translation>
    </message>
    <message>
      <source>Port</source>
      <translation>Port</translation>
    </message>
    <message>
      <source>Your name in the chat</source>
      <translation>Votre nom dans la discussion</translation>
    </message>
    <message>
      <source>Transport</source>
      <translation>Transport</translation>
    </message>
    <message>
      <source>Go on only if the person who runs the server tells you that its key was replaced, and reads you the new fingerprint.</source>
      <translation>Ne continuez que si la personne qui gère le serveur vous dit que sa clé a été remplacée, et vous lit la nouvelle empreinte.</translation>
    </message>
    <message>
      <source>Fingerprint shown now</source>
      <translation>Empreinte montrée maintenant</translation>
    </message>
    <message>
      <source>Accept the new key</source>
      <translation>Accepter la nouvelle clé</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>Annuler</translation>
    </message>
    <message>
      <source>Connecting…</source>
      <translation>Connexion…</translation>
    </message>
    <message>
      <source>Fingerprint that you gave</source>
      <translation>Empreinte que vous avez donnée</translation>
    </message>
    <message>
      <source>Fingerprint until now</source>
      <translation>Empreinte jusqu’ici</translation>
    </message>
    <message>
      <source>{place}, announced on the network as {name}</source>
      <translation>{place}, annoncé sur le réseau sous le nom {name}</translation>
    </message>
    <message>
      <source>{place} as {name}, a favourite</source>
      <translation>{place} en tant que {name}, favori</translation>
    </message>
    <message>
      <source>{place} as {name}</source>
      <translation>{place} en tant que {name}</translation>
    </message>
  </context>
  <context>
    <name>Connecting</name>
    <message>
      <source>Type the name or the address of the server's machine.</source>
      <translation>Saisissez le nom ou l’adresse de la machine du serveur.</translation>
    </message>
    <message>
      <source>A port is a number from 1 to 65535.</source>
      <translation>Un port est un nombre de 1 à 65535.</translation>
    </message>
  </context>
  <context>
    <name>Conversation</name>
    <message>
      <source>{name} (a bot)</source>
      <translation>{name} (un bot)</translation>
    </message>
    <message>
      <source>It answers {quote}</source>
      <translation>Cela répond à {quote}</translation>
    </message>
    <message>
      <source>It is being sent.</source>
      <translation>En cours d’envoi.</translation>
    </message>
    <message>
      <source>You at {time}, to {names} only: {text}</source>
      <translation>Vous à {time}, à {names} seulement : {text}</translation>
    </message>
    <message>
      <source>{name} at {time}, to you directly: {text}</source>
      <translation>{name} à {time}, directement à vous : {text}</translation>
    </message>
    <message>
      <source>You at {time}, to everyone: {text}</source>
      <translation>Vous à {time}, à tous : {text}</translation>
    </message>
    <message>
      <source>{name} at {time}, to everyone: {text}</source>
      <translation>{name} à {time}, à tous : {text}</translation>
    </message>
    <message>
      <source>You at {time}: {text}</source>
      <translation>Vous à {time} : {text}</translation>
    </message>
    <message>
      <source>{name} at {time}, mentioning you: {text}</source>
      <translation>{name} à {time}, en vous mentionnant : {text}</translation>
    </message>
    <message>
      <source>{name} at {time}: {text}</source>
      <translation>{name} à {time} : {text}</translation>
    </message>
    <message>
      <source>(deleted)</source>
      <translation>(supprimé)</translation>
    </message>
    <message>
      <source>{text} (edited)</source>
      <translation>{text} (modifié)</translation>
    </message>
    <message>
      <source>an earlier message</source>
      <translation>un message antérieur</translation>
    </message>
    <message>
      <source>{name}: {text}</source>
      <translation>{name} : {text}</translation>
    </message>
    <message>
      <source>you</source>
      <translation>vous</translation>
    </message>
    <message numerus="yes">
      <source>{emoji} from %n people</source>
      <translation>
        <numerusform>{emoji} de %n personne</numerusform>
        <numerusform>{emoji} de %n personnes</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>{emoji} from {names} and %n more</source>
      <translation>
        <numerusform>{emoji} de {names} et %n autre</numerusform>
        <numerusform>{emoji} de {names} et %n autres</numerusform>
      </translation>
    </message>
    <message>
      <source>{emoji} from {names}</source>
      <translation>{emoji} de {names}</translation>
    </message>
    <message>
      <source>Bot</source>
      <translation>Bot</translation>
    </message>
    <message>
      <source>You</source>
      <translation>Vous</translation>
    </message>
    <message>
      <source>Mentions you</source>
      <translation>Vous mentionne</translation>
    </message>
    <message>
      <source>Direct to {names}</source>
      <translation>Direct à {names}</translation>
    </message>
    <message>
      <source>Direct to you</source>
      <translation>Direct à vous</translation>
    </message>
    <message>
      <source>To everyone</source>
      <translation>À tous</translation>
    </message>
    <message>
      <source>It was not sent.</source>
      <translation>Il n’a pas été envoyé.</translation>
    </message>
    <message numerus="yes">
      <source>%n messages are not sent yet. If you leave now, they are kept, and you are asked about them the next time.</source>
      <translation>
        <numerusform>%n message n’est pas encore envoyé. Si vous partez maintenant, il est gardé, et la prochaine fois on vous demande s’il faut l’envoyer.</numerusform>
        <numerusform>%n messages ne sont pas encore envoyés. Si vous partez maintenant, ils sont gardés, et la prochaine fois on vous demande s’il faut les envoyer.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n commands are not carried out yet. If you leave now, they are not, and stand in the message line the next time (but for passwords).</source>
      <translation>
        <numerusform>%n commande n’est pas encore exécutée. Si vous partez maintenant, elle ne le sera pas, et se trouvera la prochaine fois dans la ligne de message (sauf les mots de passe).</numerusform>
        <numerusform>%n commandes ne sont pas encore exécutées. Si vous partez maintenant, elles ne le seront pas, et se trouveront la prochaine fois dans la ligne de message (sauf les mots de passe).</numerusform>
      </translation>
    </message>
    <message>
      <source>What is not sent or carried out yet, and drafts, cannot be kept on this computer: {reason}. All of it is lost when the app ends, or connects to another server.</source>
      <translation>Ni ce qui n’est pas encore envoyé ou exécuté ni les brouillons ne peuvent être gardés sur cet ordinateur : {reason}. Tout cela est perdu à la fin de l’application, ou à la connexion à un autre serveur.</translation>
    </message>
    <message numerus="yes">
      <source>%n messages are missing here.</source>
      <translation>
        <numerusform>%n message manque ici.</numerusform>
        <numerusform>%n messages manquent ici.</numerusform>
      </translation>
    </message>
    <message>
      <source>Messages may be missing here.</source>
      <translation>Des messages manquent peut-être ici.</translation>
    </message>
    <message>
      <source>Today</source>
      <translation>Aujourd’hui</translation>
    </message>
    <message>
      <source>Yesterday</source>
      <translation>Hier</translation>
    </message>
    <message numerus="yes">
      <source>{names} and %n more</source>
      <translation>
        <numerusform>{names} et %n autre</numerusform>
        <numerusform>{names} et %n autres</numerusform>
      </translation>
    </message>
    <message>
      <source>Not sent: the connection ended.</source>
      <translation>Non envoyé : la connexion a pris fin.</translation>
    </message>
    <message>
      <source>It was not sent the last time.</source>
      <translation>Pas envoyé la dernière fois.</translation>
    </message>
    <message>
      <source>Not sent: what it answers is not there any more. Sent again, it answers nothing.</source>
      <translation>Pas envoyé : le message auquel il répond n’est plus là. Renvoyé, il ne répond à rien.</translation>
    </message>
    <message>
      <source>Not sent: there is no connection.</source>
      <translation>Non envoyé : il n’y a pas de connexion.</translation>
    </message>
    <message>
      <source>Not sent. {reason}</source>
      <translation>Non envoyé. {reason}</translation>
    </message>
    <message>
      <source>Show less</source>
      <translation>Montrer moins</translation>
    </message>
    <message>
      <source>Show less (copy the message to read the rest of it)</source>
      <translation>Montrer moins (copiez le message pour lire le reste)</translation>
    </message>
    <message>
      <source>Show more</source>
      <translation>Montrer plus</translation>
    </message>
    <message>
      <source>Try again</source>
      <translation>Réessayer</translation>
    </message>
    <message>
      <source>Discard</source>
      <translation>Abandonner</translation>
    </message>
    <message>
      <source>New messages</source>
      <translation>Nouveaux messages</translation>
    </message>
    <message numerus="yes">
      <source>Jump to the newest (%n new)</source>
      <translation>
        <numerusform>Aller au plus récent (%n nouveau)</numerusform>
        <numerusform>Aller au plus récent (%n nouveaux)</numerusform>
      </translation>
    </message>
    <message>
      <source>Jump to the newest</source>
      <translation>Aller au plus récent</translation>
    </message>
    <message>
      <source>Messages</source>
      <translation>Messages</translation>
    </message>
    <message>
      <source>The arrow keys go from message to message. Enter does what a message offers, such as its link.</source>
      <translation>Les flèches vont de message en message. Entrée fait ce qu’un message propose, comme ouvrir son lien.</translation>
    </message>
    <message>
      <source>&amp;Copy</source>
      <translation>&amp;Copier</translation>
    </message>
    <message>
      <source>Copy with &amp;names and times</source>
      <translation>Copier avec les &amp;noms et les heures</translation>
    </message>
    <message>
      <source>Copy the &amp;code</source>
      <translation>Copier le &amp;code</translation>
    </message>
    <message>
      <source>Copy the code {code}</source>
      <translation>Copier le code {code}</translation>
    </message>
    <message>
      <source>Copy &amp;link</source>
      <translation>Copier le &amp;lien</translation>
    </message>
    <message>
      <source>&amp;Open link</source>
      <translation>&amp;Ouvrir le lien</translation>
    </message>
    <message>
      <source>Copy link {address}</source>
      <translation>Copier le lien {address}</translation>
    </message>
    <message>
      <source>Open link {address}</source>
      <translation>Ouvrir le lien {address}</translation>
    </message>
    <message>
      <source>&amp;Try again</source>
      <translation>&amp;Réessayer</translation>
    </message>
    <message>
      <source>&amp;Discard</source>
      <translation>&amp;Abandonner</translation>
    </message>
    <message>
      <source>&amp;Reply</source>
      <translation>&amp;Répondre</translation>
    </message>
    <message>
      <source>&amp;Go to what it answers</source>
      <translation>&amp;Aller au message auquel il répond</translation>
    </message>
    <message>
      <source>&amp;Edit this message</source>
      <translation>&amp;Modifier ce message</translation>
    </message>
    <message>
      <source>&amp;Delete this message</source>
      <translation>&amp;Supprimer ce message</translation>
    </message>
    <message>
      <source>Select &amp;all</source>
      <translation>&amp;Tout sélectionner</translation>
    </message>
    <message>
      <source>React &amp;with</source>
      <translation>Réagir &amp;avec</translation>
    </message>
    <message>
      <source>&amp;Another emoji…</source>
      <translation>&amp;Un autre émoji…</translation>
    </message>
  </context>
  <context>
    <name>ConversationPane</name>
    <message>
      <source>Show the rooms</source>
      <translation>Afficher les salons</translation>
    </message>
    <message>
      <source>Show the members</source>
      <translation>Afficher les membres</translation>
    </message>
    <message>
      <source>Offer a file (Ctrl+O), or drop it here</source>
      <translation>Proposer un fichier (Ctrl+O), ou le déposer ici</translation>
    </message>
    <message>
      <source>Discard</source>
      <translation>Abandonner</translation>
    </message>
    <message>
      <source>Send now</source>
      <translation>Envoyer</translation>
    </message>
    <message numerus="yes">
      <source>%n messages were not sent the last time.</source>
      <translation>
        <numerusform>%n message n’a pas été envoyé la dernière fois.</numerusform>
        <numerusform>%n messages n’ont pas été envoyés la dernière fois.</numerusform>
      </translation>
    </message>
    <message>
      <source>You are not in {room}. Enter joins it, and what you write is said there.</source>
      <translation>Vous n’êtes pas dans {room}. Entrée vous y fait entrer, et ce que vous écrivez y est dit.</translation>
    </message>
    <message>
      <source>Join</source>
      <translation>Rejoindre</translation>
    </message>
    <message>
      <source>Join {room}</source>
      <translation>Rejoindre {room}</translation>
    </message>
    <message>
      <source>Enter joins {room}</source>
      <translation>Entrée : rejoindre {room}</translation>
    </message>
    <message>
      <source>You are not in {room}</source>
      <translation>Vous n’êtes pas dans {room}</translation>
    </message>
    <message>
      <source>Answer nothing (Escape)</source>
      <translation>Ne répondre à rien (Échap)</translation>
    </message>
    <message>
      <source>The message of {name} that you answer was deleted: what you write now answers nothing.</source>
      <translation>Le message de {name} auquel vous répondez a été supprimé : ce que vous écrivez maintenant ne répond à rien.</translation>
    </message>
    <message>
      <source>You answer {quote}</source>
      <translation>Vous répondez à {quote}</translation>
    </message>
    <message>
      <source>Direct messages, for the two of you</source>
      <translation>Messages directs, pour vous deux</translation>
    </message>
    <message numerus="yes">
      <source>%n people</source>
      <translation>
        <numerusform>%n personne</numerusform>
        <numerusform>%n personnes</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>No connection. Next try in %n seconds; what you send waits.</source>
      <translation>
        <numerusform>Pas de connexion. Prochain essai dans %n seconde ; ce que vous envoyez attend.</numerusform>
        <numerusform>Pas de connexion. Prochain essai dans %n secondes ; ce que vous envoyez attend.</numerusform>
      </translation>
    </message>
    <message>
      <source>No connection. Trying again now; what you send waits.</source>
      <translation>Pas de connexion. Nouvel essai en cours ; ce que vous envoyez attend.</translation>
    </message>
    <message>
      <source>The connection has ended: {reason}</source>
      <translation>La connexion a pris fin : {reason}</translation>
    </message>
    <message>
      <source>You are not connected any more.</source>
      <translation>Vous n’êtes plus connecté.</translation>
    </message>
    <message>
      <source>Connect again</source>
      <translation>Se reconnecter</translation>
    </message>
    <message>
      <source>Reconnect now</source>
      <translation>Réessayer</translation>
    </message>
    <message>
      <source>Connect to write here.</source>
      <translation>Connectez-vous pour écrire ici.</translation>
    </message>
    <message>
      <source>Drop here to offer it to everyone in {room}</source>
      <translation>Déposer ici pour le proposer à tout le salon {room}</translation>
    </message>
    <message>
      <source>Drop here to offer it to {name}</source>
      <translation>Déposer ici pour le proposer à {name}</translation>
    </message>
    <message numerus="yes">
      <source>The server asks for patience: it goes on by itself in %n seconds, nothing is lost.</source>
      <translation>
        <numerusform>Le serveur demande de patienter : tout reprend seul dans %n seconde, rien n’est perdu.</numerusform>
        <numerusform>Le serveur demande de patienter : tout reprend seul dans %n secondes, rien n’est perdu.</numerusform>
      </translation>
    </message>
  </context>
  <context>
    <name>CreateRoom</name>
    <message>
      <source>Create a room</source>
      <translation>Créer un salon</translation>
    </message>
    <message>
      <source>Name of the room</source>
      <translation>Nom du salon</translation>
    </message>
    <message>
      <source>Create and enter</source>
      <translation>Créer et entrer</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>Annuler</translation>
    </message>
    <message>
      <source>Letters, digits, _ and -.</source>
      <translation>Lettres, chiffres, _ et -.</translation>
    </message>
  </context>
  <context>
    <name>Emojis</name>
    <message>
      <source>en</source>
      <comment>code of your language</comment>
      <translation>fr</translation>
    </message>
    <message>
      <source>Choose an emoji</source>
      <translation>Choisir un émoji</translation>
    </message>
    <message>
      <source>Name of an emoji, or the emoji</source>
      <translation>Nom d’un émoji, ou l’émoji</translation>
    </message>
  </context>
  <context>
    <name>Encryption</name>
    <message>
      <source>Encryption</source>
      <translation>Chiffrement</translation>
    </message>
    <message>
      <source>Fingerprint of the server's key</source>
      <translation>Empreinte de la clé du serveur</translation>
    </message>
    <message>
      <source>&amp;Copy the fingerprint</source>
      <translation>&amp;Copier l’empreinte</translation>
    </message>
    <message>
      <source>Close</source>
      <translation>Fermer</translation>
    </message>
  </context>
  <context>
    <name>Files</name>
    <message numerus="yes">
      <source>%n seconds left</source>
      <translation>
        <numerusform>encore %n seconde</numerusform>
        <numerusform>encore %n secondes</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n minutes left</source>
      <translation>
        <numerusform>encore %n minute</numerusform>
        <numerusform>encore %n minutes</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n hours left</source>
      <translation>
        <numerusform>encore %n heure</numerusform>
        <numerusform>encore %n heures</numerusform>
      </translation>
    </message>
    <message>
      <source>{speed}/s</source>
      <translation>{speed}/s</translation>
    </message>
    <message>
      <source>{speed}/s, {time}</source>
      <translation>{speed}/s, {time}</translation>
    </message>
    <message>
      <source>Getting it ready…</source>
      <translation>Préparation…</translation>
    </message>
    <message>
      <source>Waiting for the connection.</source>
      <translation>En attente de la connexion.</translation>
    </message>
    <message>
      <source>Offered to {user}, who has not answered yet ({size}).</source>
      <translation>Proposé à {user}, qui n’a pas encore répondu ({size}).</translation>
    </message>
    <message>
      <source>Asking {user} for it ({size}).</source>
      <translation>Demandé à {user} ({size}).</translation>
    </message>
    <message>
      <source>{user} offers this file to everyone here ({size}).</source>
      <translation>{user} propose ce fichier à tout le salon ({size}).</translation>
    </message>
    <message>
      <source>{user} offers you this file ({size}).</source>
      <translation>{user} vous propose ce fichier ({size}).</translation>
    </message>
    <message>
      <source>To {user}: {done} of {size}</source>
      <translation>Vers {user} : {done} sur {size}</translation>
    </message>
    <message>
      <source>From {user}: {done} of {size}</source>
      <translation>De {user} : {done} sur {size}</translation>
    </message>
    <message>
      <source>{done} of {size}. Waiting for the connection; then it goes on by itself.</source>
      <translation>{done} sur {size}. En attente de la connexion ; la suite viendra toute seule.</translation>
    </message>
    <message>
      <source>{done} of {size}. Waiting for {user}; then it goes on by itself.</source>
      <translation>{done} sur {size}. En attente de {user} ; la suite viendra toute seule.</translation>
    </message>
    <message>
      <source>{user} has received it ({size}).</source>
      <translation>{user} l’a reçu ({size}).</translation>
    </message>
    <message>
      <source>Received from {user} ({size}).</source>
      <translation>Reçu de {user} ({size}).</translation>
    </message>
    <message numerus="yes">
      <source>Offered to %n people ({size}). Received: {have}, under way: {now}, no answer: {open}, not received: {rest}.</source>
      <translation>
        <numerusform>Proposé à %n personne ({size}). Reçu : {have}, en cours : {now}, sans réponse : {open}, pas reçu : {rest}.</numerusform>
        <numerusform>Proposé à %n personnes ({size}). Reçu : {have}, en cours : {now}, sans réponse : {open}, pas reçu : {rest}.</numerusform>
      </translation>
    </message>
    <message>
      <source>{user} does not want it.</source>
      <translation>{user} n’en veut pas.</translation>
    </message>
    <message>
      <source>{user} has cancelled it.</source>
      <translation>{user} l’a annulé.</translation>
    </message>
    <message>
      <source>Not sent to {user}. {why}</source>
      <translation>Pas envoyé à {user}. {why}</translation>
    </message>
    <message>
      <source>Not received from {user}. {why}</source>
      <translation>Pas reçu de {user}. {why}</translation>
    </message>
    <message>
      <source>It is too large ({size}): this server takes files of up to {most}.</source>
      <translation>Il est trop gros ({size}) : ce serveur accepte des fichiers jusqu’à {most}.</translation>
    </message>
    <message>
      <source>Not offered. {why}</source>
      <translation>Pas proposé. {why}</translation>
    </message>
    <message>
      <source>This is a folder; put it into an archive first.</source>
      <translation>C’est un dossier ; mettez-le d’abord dans une archive.</translation>
    </message>
    <message>
      <source>You are not in {room}; join it to offer files there.</source>
      <translation>Vous n’êtes pas dans {room} ; rejoignez-le pour y offrir des fichiers.</translation>
    </message>
    <message>
      <source>text-{number}.txt</source>
      <translation>texte-{number}.txt</translation>
    </message>
    <message>
      <source>image-{number}.png</source>
      <translation>image-{number}.png</translation>
    </message>
    <message numerus="yes">
      <source>If you leave now, %n files do not arrive; what is here already is kept, and when they are offered to you again, they go on from there.</source>
      <translation>
        <numerusform>Si vous quittez maintenant, %n fichier n’arrivera pas ; ce qui est déjà là est gardé, et quand il vous sera proposé à nouveau, il reprendra à cet endroit.</numerusform>
        <numerusform>Si vous quittez maintenant, %n fichiers n’arriveront pas ; ce qui est déjà là est gardé, et quand ils vous seront proposés à nouveau, ils reprendront à cet endroit.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>If you leave now, %n files do not arrive; what has arrived is kept, and when you offer them again, they go on from there.</source>
      <translation>
        <numerusform>Si vous quittez maintenant, %n fichier n’arrivera pas ; ce qui est arrivé est gardé, et quand vous le proposerez à nouveau, il reprendra à cet endroit.</numerusform>
        <numerusform>Si vous quittez maintenant, %n fichiers n’arriveront pas ; ce qui est arrivé est gardé, et quand vous les proposerez à nouveau, ils reprendront à cet endroit.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>If you leave now, %n files do not arrive; what has arrived is kept, and when they are offered again, they go on from there.</source>
      <translation>
        <numerusform>Si vous quittez maintenant, %n fichier n’arrivera pas ; ce qui est arrivé est gardé, et quand il sera proposé à nouveau, il reprendra à cet endroit.</numerusform>
        <numerusform>Si vous quittez maintenant, %n fichiers n’arriveront pas ; ce qui est arrivé est gardé, et quand ils seront proposés à nouveau, ils reprendront à cet endroit.</numerusform>
      </translation>
    </message>
    <message>
      <source>{user} offers {name} ({size}) to everyone here.</source>
      <translation>{user} propose {name} ({size}) à tout le salon.</translation>
    </message>
    <message>
      <source>{user} offers you {name} ({size}).</source>
      <translation>{user} vous propose {name} ({size}).</translation>
    </message>
    <message>
      <source>{name} from {user} is there, in {folder}.</source>
      <translation>{name}, de {user}, est arrivé dans {folder}.</translation>
    </message>
    <message>
      <source>{offered} from {user} is there, called {name} here, in {folder}.</source>
      <translation>{offered} de {user} est là, appelé {name} ici, dans {folder}.</translation>
    </message>
    <message>
      <source>{user} has received {name}.</source>
      <translation>{user} a reçu {name}.</translation>
    </message>
    <message>
      <source>You have cancelled {name}.</source>
      <translation>Vous avez annulé {name}.</translation>
    </message>
    <message>
      <source>You have declined {name}.</source>
      <translation>Vous avez refusé {name}.</translation>
    </message>
    <message>
      <source>There is no such file.</source>
      <translation>Ce fichier n’existe pas.</translation>
    </message>
    <message>
      <source>Which one? Use the buttons below, or write /{command} with one of these: {files}</source>
      <translation>Lequel ? Utilisez les boutons ci-dessous, ou écrivez /{command} avec l’un de ceux-ci : {files}</translation>
    </message>
    <message>
      <source>{file} ({name})</source>
      <translation>{file} ({name})</translation>
    </message>
    <message>
      <source>Accept</source>
      <translation>Accepter</translation>
    </message>
    <message>
      <source>Decline</source>
      <translation>Refuser</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>Annuler</translation>
    </message>
    <message>
      <source>Try again</source>
      <translation>Réessayer</translation>
    </message>
    <message>
      <source>Show the picture</source>
      <translation>Montrer l’image</translation>
    </message>
    <message>
      <source>Open folder</source>
      <translation>Ouvrir le dossier</translation>
    </message>
    <message>
      <source>Take off the list</source>
      <translation>Retirer de la liste</translation>
    </message>
    <message>
      <source>Progress of {name}</source>
      <translation>Avancement de {name}</translation>
    </message>
    <message>
      <source>Files</source>
      <translation>Fichiers</translation>
    </message>
    <message numerus="yes">
      <source>and %n more files</source>
      <translation>
        <numerusform>et %n autre fichier</numerusform>
        <numerusform>et %n autres fichiers</numerusform>
      </translation>
    </message>
    <message>
      <source>Reading the picture…</source>
      <translation>Lecture de l’image…</translation>
    </message>
    <message>
      <source>This picture is too large to be shown here; open it in its folder.</source>
      <translation>Cette image est trop grande pour être montrée ici ; ouvrez-la dans son dossier.</translation>
    </message>
    <message>
      <source>This is no picture that can be shown here: it is damaged, or of another kind.</source>
      <translation>Ce n’est pas une image qui puisse être montrée ici : elle est abîmée, ou d’une autre sorte.</translation>
    </message>
    <message>
      <source>Picture {name}</source>
      <translation>Image {name}</translation>
    </message>
  </context>
  <context>
    <name>Find</name>
    <message>
      <source>A date is written as 2026-11-27, and a room alone is too little.</source>
      <translation>Une date s’écrit 2026-11-27, et un salon seul ne suffit pas.</translation>
    </message>
    <message>
      <source>Nothing was found.</source>
      <translation>Rien n’a été trouvé.</translation>
    </message>
    <message>
      <source>Search on the server</source>
      <translation>Rechercher sur le serveur</translation>
    </message>
    <message>
      <source>Words, from:NAME, in:ROOM, since:DATE, until:DATE</source>
      <translation>Mots, from:NOM, in:SALON, since:DATE, until:DATE</translation>
    </message>
    <message>
      <source>{name} in {room}, {time}</source>
      <translation>{name} dans {room}, {time}</translation>
    </message>
    <message>
      <source>Look for older ones</source>
      <translation>Chercher de plus anciens</translation>
    </message>
    <message>
      <source>{name} in {room}, {time}: {text}</source>
      <translation>{name} dans {room}, {time} : {text}</translation>
    </message>
  </context>
  <context>
    <name>Jump</name>
    <message>
      <source>What fits</source>
      <translation>Ce qui convient</translation>
    </message>
    <message>
      <source>Jump to a room or a user</source>
      <translation>Aller à un salon ou à quelqu’un</translation>
    </message>
    <message>
      <source>Room or name</source>
      <translation>Salon ou nom</translation>
    </message>
    <message numerus="yes">
      <source>{name}, %n unread</source>
      <translation>
        <numerusform>{name}, %n non lu</numerusform>
        <numerusform>{name}, %n non lus</numerusform>
      </translation>
    </message>
  </context>
  <context>
    <name>Leave</name>
    <message>
      <source>Leave now?</source>
      <translation>Partir maintenant ?</translation>
    </message>
    <message>
      <source>&amp;Leave anyway</source>
      <translation>&amp;Quitter quand même</translation>
    </message>
    <message>
      <source>&amp;Stay</source>
      <translation>&amp;Rester</translation>
    </message>
  </context>
  <context>
    <name>MainWindow</name>
    <message>
      <source>WebSocket, not encrypted</source>
      <translation>WebSocket, non chiffré</translation>
    </message>
    <message>
      <source>WebSocket, encrypted</source>
      <translation>WebSocket, chiffré</translation>
    </message>
    <message>
      <source>QUIC, encrypted</source>
      <translation>QUIC, chiffré</translation>
    </message>
    <message>
      <source>Copied: {link}</source>
      <translation>Copié : {link}</translation>
    </message>
    <message>
      <source>Offer files</source>
      <translation>Proposer des fichiers</translation>
    </message>
    <message>
      <source>Export this conversation</source>
      <translation>Exporter cette discussion</translation>
    </message>
    <message>
      <source>Text for people (*.txt)</source>
      <translation>Texte pour les personnes (*.txt)</translation>
    </message>
    <message>
      <source>JSON lines for programs (*.jsonl)</source>
      <translation>Lignes JSON pour les programmes (*.jsonl)</translation>
    </message>
    <message>
      <source>Folder for files that are received</source>
      <translation>Dossier des fichiers reçus</translation>
    </message>
    <message>
      <source>About chatcore</source>
      <translation>À propos de chatcore</translation>
    </message>
    <message>
      <source>chatcore {version}</source>
      <translation>chatcore {version}</translation>
    </message>
    <message>
      <source>Chat rooms for small servers, over QUIC and WebSocket. MIT licence.</source>
      <translation>Salons de discussion pour petits serveurs, sur QUIC et WebSocket. Licence MIT.</translation>
    </message>
    <message>
      <source>Connected to {place} as {name} ({transport})</source>
      <translation>Connecté à {place} en tant que {name} ({transport})</translation>
    </message>
    <message>
      <source>Reconnecting</source>
      <translation>Reconnexion</translation>
    </message>
    <message>
      <source>Connecting to {place}</source>
      <translation>Connexion à {place}</translation>
    </message>
    <message>
      <source>Not connected</source>
      <translation>Non connecté</translation>
    </message>
    <message numerus="yes">
      <source>%n messages waiting</source>
      <translation>
        <numerusform>%n message en attente</numerusform>
        <numerusform>%n messages en attente</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n commands waiting</source>
      <translation>
        <numerusform>%n commande en attente</numerusform>
        <numerusform>%n commandes en attente</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n files on their way</source>
      <translation>
        <numerusform>%n fichier en cours</numerusform>
        <numerusform>%n fichiers en cours</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n in other conversations (Ctrl+J)</source>
      <translation>
        <numerusform>%n dans une autre discussion (Ctrl+J)</numerusform>
        <numerusform>%n dans d’autres discussions (Ctrl+J)</numerusform>
      </translation>
    </message>
    <message>
      <source>({unread}, @ {calls}) {conversation} – chatcore</source>
      <translation>({unread}, @ {calls}) {conversation} – chatcore</translation>
    </message>
    <message>
      <source>({unread}) {conversation} – chatcore</source>
      <translation>({unread}) {conversation} – chatcore</translation>
    </message>
    <message>
      <source>{conversation} – chatcore</source>
      <translation>{conversation} – chatcore</translation>
    </message>
  </context>
  <context>
    <name>MembersPane</name>
    <message>
      <source>Members</source>
      <translation>Membres</translation>
    </message>
    <message>
      <source>Find a name</source>
      <translation>Trouver un nom</translation>
    </message>
    <message>
      <source>Members of the room</source>
      <translation>Membres du salon</translation>
    </message>
    <message>
      <source>Both of you</source>
      <translation>Vous deux</translation>
    </message>
    <message numerus="yes">
      <source>%n members</source>
      <translation>
        <numerusform>%n membre</numerusform>
        <numerusform>%n membres</numerusform>
      </translation>
    </message>
    <message>
      <source>{name} (you)</source>
      <translation>{name} (vous)</translation>
    </message>
    <message>
      <source>Write a direct message</source>
      <translation>Écrire un message direct</translation>
    </message>
    <message>
      <source>Who is this?</source>
      <translation>Qui est-ce ?</translation>
    </message>
  </context>
  <context>
    <name>Notices</name>
    <message>
      <source>What you choose counts until you leave, and cannot be kept: {path} cannot be written. Look whether the disk is full, and whether the file is yours.</source>
      <translation>Ce que vous choisissez vaut jusqu’à ce que vous quittiez, et ne peut pas être conservé : {path} ne peut pas être écrit. Regardez si le disque est plein, et si le fichier est à vous.</translation>
    </message>
    <message>
      <source>Something went wrong in the app, and not by your doing: what you did last may be done in part, or not at all. The app goes on. Its log (the terminal that it was started from, or the journal of your system) says where it happened.</source>
      <translation>Quelque chose s’est mal passé dans l’application, et vous n’y êtes pour rien : ce que vous venez de faire l’est peut-être en partie, ou pas du tout. L’application continue. Son journal (le terminal d’où elle a été lancée, ou le journal de votre système) dit où c’est arrivé.</translation>
    </message>
    <message numerus="yes">
      <source>%n entries are written to {path}.</source>
      <translation>
        <numerusform>%n entrée est écrite dans {path}.</numerusform>
        <numerusform>%n entrées sont écrites dans {path}.</numerusform>
      </translation>
    </message>
    <message>
      <source>You are on your way to {room}: what you write until then is said there.</source>
      <translation>Vous êtes en route vers {room} : ce que vous écrivez d’ici là y est dit.</translation>
    </message>
    <message>
      <source>The connection is back.</source>
      <translation>La connexion est rétablie.</translation>
    </message>
    <message>
      <source>You are in {room} now.</source>
      <translation>Vous êtes maintenant dans {room}.</translation>
    </message>
    <message>
      <source>You are in {room} now; you are no longer in {old}.</source>
      <translation>Vous êtes maintenant dans {room} ; vous n’êtes plus dans {old}.</translation>
    </message>
    <message>
      <source>The connection is lost. {reason}</source>
      <translation>La connexion est perdue. {reason}</translation>
    </message>
    <message>
      <source>What is not sent yet cannot be kept on this computer: {reason}.</source>
      <translation>Ce qui n’est pas encore envoyé ne peut pas être gardé sur cet ordinateur : {reason}.</translation>
    </message>
    <message>
      <source>the disk does not answer</source>
      <translation>le disque ne répond pas</translation>
    </message>
    <message>
      <source>{path} cannot be written: {reason}.</source>
      <translation>{path} ne peut pas être écrit : {reason}.</translation>
    </message>
    <message>
      <source>There is no connection.</source>
      <translation>Il n’y a pas de connexion.</translation>
    </message>
    <message>
      <source>{name} is yours from now on: whoever wants the name has to say your password.</source>
      <translation>{name} est à vous désormais : qui veut ce nom doit dire votre mot de passe.</translation>
    </message>
    <message>
      <source>You have shown that {name} is yours.</source>
      <translation>Vous avez montré que {name} est à vous.</translation>
    </message>
    <message numerus="yes">
      <source>{names} joined.</source>
      <translation>
        <numerusform>{names} est arrivé.</numerusform>
        <numerusform>{names} sont arrivés.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>{names} left.</source>
      <translation>
        <numerusform>{names} est parti.</numerusform>
        <numerusform>{names} sont partis.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n people joined.</source>
      <translation>
        <numerusform>%n personne est arrivée.</numerusform>
        <numerusform>%n personnes sont arrivées.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n people left.</source>
      <translation>
        <numerusform>%n personne est partie.</numerusform>
        <numerusform>%n personnes sont parties.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n came</source>
      <translation>
        <numerusform>%n arrivée</numerusform>
        <numerusform>%n arrivées</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n left</source>
      <translation>
        <numerusform>%n départ</numerusform>
        <numerusform>%n départs</numerusform>
      </translation>
    </message>
    <message>
      <source>{came}, {left}.</source>
      <translation>{came}, {left}.</translation>
    </message>
    <message>
      <source>{old} is now called {new}.</source>
      <translation>{old} s’appelle maintenant {new}.</translation>
    </message>
    <message>
      <source>Not sent yet: {name} may be somebody else now. Nobody had that name in between, or another one has taken it. Send it once more if it is meant so.</source>
      <translation>Pas encore envoyé : {name} est peut-être quelqu’un d’autre à présent. Personne n’avait plus ce nom entre-temps, ou une autre personne l’a pris. Envoyez de nouveau si c’est bien voulu.</translation>
    </message>
    <message>
      <source>Private messages are not changed, answered or reacted to. To do that to a message of a room, choose the room first.</source>
      <translation>On ne modifie pas un message privé, on n’y répond pas et on n’y réagit pas. Pour le faire avec un message d’un salon, choisissez d’abord le salon.</translation>
    </message>
    <message>
      <source>This room's earlier messages are gone from the server: it was started anew, or the room was created anew.</source>
      <translation>Les messages précédents de ce salon ne sont plus sur le serveur : il a été relancé, ou le salon a été recréé.</translation>
    </message>
    <message>
      <source>Waits for the connection: {command}</source>
      <translation>En attente de la connexion : {command}</translation>
    </message>
    <message>
      <source>QUIC gave no answer here, so this connection is a WebSocket.</source>
      <translation>QUIC n’a pas répondu ici, cette connexion est donc un WebSocket.</translation>
    </message>
    <message>
      <source>QUIC did not work here, so this connection is a WebSocket.</source>
      <translation>QUIC n’a pas fonctionné ici, cette connexion est donc un WebSocket.</translation>
    </message>
    <message>
      <source>Files may take longer here: a second connection for them is not possible ({why}).</source>
      <translation>Les fichiers peuvent prendre plus de temps ici : une seconde connexion pour eux n’est pas possible ({why}).</translation>
    </message>
    <message>
      <source>Files may take longer now: the second connection for them is lost ({why}).</source>
      <translation>Les fichiers peuvent prendre plus de temps maintenant : leur seconde connexion est perdue ({why}).</translation>
    </message>
    <message>
      <source>What answers at the server's address is not the server that you know: somebody may be in between, or this network wants you to log in on a web page first. Nothing is sent there, and what you wrote is kept; the app goes on trying.</source>
      <translation>Ce qui répond à l’adresse du serveur n’est pas le serveur que vous connaissez : quelqu’un s’est peut-être interposé, ou ce réseau vous demande d’abord de vous identifier sur une page web. Rien n’y est envoyé, et ce que vous avez écrit est conservé ; l’application continue d’essayer.</translation>
    </message>
    <message numerus="yes">
      <source>{room}: %n people</source>
      <translation>
        <numerusform>{room} : %n personne</numerusform>
        <numerusform>{room} : %n personnes</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n rooms:</source>
      <translation>
        <numerusform>%n salon :</numerusform>
        <numerusform>%n salons :</numerusform>
      </translation>
    </message>
    <message>
      <source>{name} in {room}</source>
      <translation>{name} dans {room}</translation>
    </message>
    <message numerus="yes">
      <source>%n people:</source>
      <translation>
        <numerusform>%n personne :</numerusform>
        <numerusform>%n personnes :</numerusform>
      </translation>
    </message>
    <message>
      <source>{name} lost the connection and may come back.</source>
      <translation>{name} a perdu la connexion et peut revenir.</translation>
    </message>
    <message>
      <source>{name} is in {room}, since {since} ({transport}).</source>
      <translation>{name} est dans {room}, depuis {since} ({transport}).</translation>
    </message>
    <message>
      <source>{name} is in {room}, since {since} ({transport}, {dialect}).</source>
      <translation>{name} est dans {room}, depuis {since} ({transport}, {dialect}).</translation>
    </message>
    <message numerus="yes">
      <source>Last active %n minutes ago.</source>
      <translation>
        <numerusform>Dernière activité il y a %n minute.</numerusform>
        <numerusform>Dernière activité il y a %n minutes.</numerusform>
      </translation>
    </message>
    <message>
      <source>Active just now.</source>
      <translation>Actif à l’instant.</translation>
    </message>
    <message>
      <source>Connected from {address}.</source>
      <translation>Connecté depuis {address}.</translation>
    </message>
    <message numerus="yes">
      <source>and %n more</source>
      <translation>
        <numerusform>et %n autre</numerusform>
        <numerusform>et %n autres</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n messages from while you were away are lost.</source>
      <translation>
        <numerusform>%n message de votre absence est perdu.</numerusform>
        <numerusform>%n messages de votre absence sont perdus.</numerusform>
      </translation>
    </message>
    <message>
      <source>Direct messages from while you were away may be lost.</source>
      <translation>Des messages directs reçus en votre absence sont peut-être perdus.</translation>
    </message>
    <message>
      <source>The message that you were changing is not here any more; what you typed for it is in the message line.</source>
      <translation>Le message que vous modifiiez n’est plus ici ; ce que vous avez écrit pour lui est dans la ligne de message.</translation>
    </message>
    <message>
      <source>Your message is not changed; what you typed for it is in the message line.</source>
      <translation>Votre message n’est pas modifié ; ce que vous avez écrit pour lui est dans la ligne de message.</translation>
    </message>
    <message>
      <source>Your message is not changed; edit it again, and what you typed for it is there.</source>
      <translation>Votre message n’est pas modifié ; modifiez-le de nouveau, et ce que vous avez écrit pour lui y est.</translation>
    </message>
    <message>
      <source>That message is not to be had any more, or not without a connection.</source>
      <translation>Ce message n’est plus disponible, ou pas sans connexion.</translation>
    </message>
  </context>
  <context>
    <name>Notifications</name>
    <message numerus="yes">
      <source>%n new messages</source>
      <translation>
        <numerusform>%n nouveau message</numerusform>
        <numerusform>%n nouveaux messages</numerusform>
      </translation>
    </message>
    <message>
      <source>Direct message from {name}</source>
      <translation>Message direct de {name}</translation>
    </message>
    <message>
      <source>{name} offers a file</source>
      <translation>{name} propose un fichier</translation>
    </message>
    <message>
      <source>{name} in {room}</source>
      <translation>{name} dans {room}</translation>
    </message>
    <message>
      <source>{name} mentioned you in {room}</source>
      <translation>{name} vous a mentionné dans {room}</translation>
    </message>
  </context>
  <context>
    <name>Password</name>
    <message numerus="yes">
      <source>A password has at least %n characters.</source>
      <translation>
        <numerusform>Un mot de passe a au moins %n caractère.</numerusform>
        <numerusform>Un mot de passe a au moins %n caractères.</numerusform>
      </translation>
    </message>
    <message>
      <source>These are two different ones. Type the same twice.</source>
      <translation>Ce sont deux mots de passe différents. Tapez deux fois le même.</translation>
    </message>
    <message>
      <source>Make your name your own</source>
      <translation>Faire de votre nom le vôtre</translation>
    </message>
    <message>
      <source>New password</source>
      <translation>Nouveau mot de passe</translation>
    </message>
    <message>
      <source>The same once more</source>
      <translation>Le même encore une fois</translation>
    </message>
    <message>
      <source>Show that a name is yours</source>
      <translation>Montrer qu’un nom est à vous</translation>
    </message>
    <message>
      <source>Password of {name}</source>
      <translation>Mot de passe de {name}</translation>
    </message>
    <message>
      <source>Go on</source>
      <translation>Continuer</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>Annuler</translation>
    </message>
  </context>
  <context>
    <name>QAbstractFileIconProvider</name>
    <message>
      <source>Drive</source>
      <translation>Lecteur</translation>
    </message>
    <message>
      <source>Folder</source>
      <translation>Dossier</translation>
    </message>
  </context>
  <context>
    <name>QFileDialog</name>
    <message>
      <source>&amp;Look in:</source>
      <translation>&amp;Dossier :</translation>
    </message>
    <message>
      <source>Files of &amp;type:</source>
      <translation>&amp;Sorte de fichiers :</translation>
    </message>
  </context>
  <context>
    <name>RoomsPane</name>
    <message>
      <source>Create a room</source>
      <translation>Créer un salon</translation>
    </message>
    <message>
      <source>Rooms</source>
      <translation>Salons</translation>
    </message>
    <message>
      <source>Direct messages</source>
      <translation>Messages directs</translation>
    </message>
    <message>
      <source>Close this conversation</source>
      <translation>Fermer cette conversation</translation>
    </message>
    <message>
      <source>&amp;Join this room</source>
      <translation>&amp;Rejoindre ce salon</translation>
    </message>
    <message>
      <source>Show who &amp;comes and goes</source>
      <translation>Montrer qui &amp;arrive et qui part</translation>
    </message>
    <message>
      <source>&amp;Notifications</source>
      <translation>&amp;Notifications</translation>
    </message>
    <message numerus="yes">
      <source>Room {name}, %n unread messages</source>
      <translation>
        <numerusform>Salon {name}, %n message non lu</numerusform>
        <numerusform>Salon {name}, %n messages non lus</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n mention you</source>
      <translation>
        <numerusform>%n vous mentionne</numerusform>
        <numerusform>%n vous mentionnent</numerusform>
      </translation>
    </message>
    <message>
      <source>{unread}, {mentions}</source>
      <translation>{unread}, {mentions}</translation>
    </message>
    <message numerus="yes">
      <source>Room {name}, where you are, %n people</source>
      <translation>
        <numerusform>Salon {name}, où vous êtes, %n personne</numerusform>
        <numerusform>Salon {name}, où vous êtes, %n personnes</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>Room {name}, %n people</source>
      <translation>
        <numerusform>Salon {name}, %n personne</numerusform>
        <numerusform>Salon {name}, %n personnes</numerusform>
      </translation>
    </message>
    <message>
      <source>Direct messages with {name}</source>
      <translation>Messages directs avec {name}</translation>
    </message>
    <message numerus="yes">
      <source>Direct messages with {name}, %n unread</source>
      <translation>
        <numerusform>Messages directs avec {name}, %n non lu</numerusform>
        <numerusform>Messages directs avec {name}, %n non lus</numerusform>
      </translation>
    </message>
  </context>
  <context>
    <name>Search</name>
    <message>
      <source>Find in what is loaded here</source>
      <translation>Chercher dans ce qui est chargé ici</translation>
    </message>
    <message>
      <source>Enter goes to an older message, Shift+Enter to a newer one, Escape ends it.</source>
      <translation>Entrée va à un message plus ancien, Maj+Entrée à un plus récent, Échap termine.</translation>
    </message>
    <message>
      <source>Older</source>
      <translation>Plus ancien</translation>
    </message>
    <message>
      <source>Newer</source>
      <translation>Plus récent</translation>
    </message>
    <message>
      <source>End the search</source>
      <translation>Terminer la recherche</translation>
    </message>
    <message>
      <source>nothing found</source>
      <translation>rien trouvé</translation>
    </message>
    <message>
      <source>{number} of {count}</source>
      <translation>{number} sur {count}</translation>
    </message>
  </context>
  <context>
    <name>Settings</name>
    <message>
      <source>As in other rooms</source>
      <translation>Comme dans les autres salons</translation>
    </message>
    <message>
      <source>All messages</source>
      <translation>Tous les messages</translation>
    </message>
    <message>
      <source>Mentions of me</source>
      <translation>Ce qui me mentionne</translation>
    </message>
    <message>
      <source>Nothing</source>
      <translation>Rien</translation>
    </message>
    <message>
      <source>Beside the first of several messages</source>
      <translation>À côté du premier de plusieurs messages</translation>
    </message>
    <message>
      <source>Beside each message</source>
      <translation>À côté de chaque message</translation>
    </message>
    <message>
      <source>Nowhere</source>
      <translation>Nulle part</translation>
    </message>
    <message>
      <source>Settings</source>
      <translation>Réglages</translation>
    </message>
    <message>
      <source>Close</source>
      <translation>Fermer</translation>
    </message>
    <message>
      <source>As the system has it</source>
      <translation>Comme le système</translation>
    </message>
    <message>
      <source>Light</source>
      <translation>Clair</translation>
    </message>
    <message>
      <source>Dark</source>
      <translation>Sombre</translation>
    </message>
    <message>
      <source>Usual</source>
      <translation>Normale</translation>
    </message>
    <message>
      <source>Theme</source>
      <translation>Thème</translation>
    </message>
    <message>
      <source>Language (from the next start on)</source>
      <translation>Langue (au prochain démarrage)</translation>
    </message>
    <message>
      <source>Text size</source>
      <translation>Taille du texte</translation>
    </message>
    <message>
      <source>Times</source>
      <translation>Heures</translation>
    </message>
    <message>
      <source>Show who comes and goes</source>
      <translation>Montrer qui arrive et qui part</translation>
    </message>
    <message>
      <source>Sending shows the newest message</source>
      <translation>Envoyer montre le dernier message</translation>
    </message>
    <message>
      <source>Notifications, while you look elsewhere</source>
      <translation>Notifications, quand vous regardez ailleurs</translation>
    </message>
    <message>
      <source>Of rooms</source>
      <translation>Des salons</translation>
    </message>
    <message>
      <source>With a sound</source>
      <translation>Avec un son</translation>
    </message>
    <message>
      <source>Do not disturb: no notifications at all</source>
      <translation>Ne pas déranger : aucune notification</translation>
    </message>
    <message>
      <source>In {room}</source>
      <translation>Dans {room}</translation>
    </message>
    <message>
      <source>Notifications of this room</source>
      <translation>Notifications de ce salon</translation>
    </message>
    <message>
      <source>Show who comes and goes in this room</source>
      <translation>Montrer qui arrive et qui part dans ce salon</translation>
    </message>
  </context>
  <context>
    <name>Shortcuts</name>
    <message>
      <source>Keyboard shortcuts</source>
      <translation>Raccourcis clavier</translation>
    </message>
    <message>
      <source>Send the message</source>
      <translation>Envoyer le message</translation>
    </message>
    <message>
      <source>Begin a new line</source>
      <translation>Aller à la ligne</translation>
    </message>
    <message>
      <source>Complete a name or a command</source>
      <translation>Compléter un nom ou une commande</translation>
    </message>
    <message>
      <source>Change what was said last, in the empty line</source>
      <translation>Modifier ce qui a été dit en dernier, dans la ligne vide</translation>
    </message>
    <message>
      <source>Leave a message as it is, or answer nothing</source>
      <translation>Laisser un message tel quel, ou ne répondre à rien</translation>
    </message>
    <message>
      <source>Recall what was typed before, or after that</source>
      <translation>Rappeler ce qui a été écrit avant, ou après cela</translation>
    </message>
    <message>
      <source>Read further up or down, from the message line</source>
      <translation>Lire plus haut ou plus bas, depuis la ligne de message</translation>
    </message>
    <message>
      <source>Copy messages with names and times</source>
      <translation>Copier des messages avec noms et heures</translation>
    </message>
    <message>
      <source>Join the room that is read, from the empty line</source>
      <translation>Entrer dans le salon que l’on lit, depuis la ligne vide</translation>
    </message>
    <message>
      <source>Open the menu of a room, a member or a message</source>
      <translation>Ouvrir le menu d’un salon, d’un membre ou d’un message</translation>
    </message>
    <message>
      <source>Menu key</source>
      <translation>Touche Menu</translation>
    </message>
    <message>
      <source>Close</source>
      <translation>Fermer</translation>
    </message>
  </context>
  <context>
    <name>Trust</name>
    <message>
      <source>The server at {place} is remembered.</source>
      <translation>Le serveur {place} est mémorisé.</translation>
    </message>
    <message>
      <source>The server at {place} is remembered by its key's fingerprint, {fingerprint}; compare it with what the server shows. The menu Chat has it under Encryption.</source>
      <translation>Le serveur {place} est mémorisé par l’empreinte de sa clé, {fingerprint} ; comparez-la avec celle que le serveur affiche. Vous la retrouvez dans le menu Discussion, sous Chiffrement.</translation>
    </message>
    <message>
      <source>Nothing is encrypted: whoever is on the way to the server can read and change it.</source>
      <translation>Rien n’est chiffré : quiconque se trouve sur le chemin du serveur peut tout lire et tout modifier.</translation>
    </message>
    <message>
      <source>Everything between you and the server is encrypted, and an authority that you trust vouches for the server.</source>
      <translation>Tout est chiffré entre vous et le serveur, et une autorité à laquelle vous faites confiance répond du serveur.</translation>
    </message>
    <message>
      <source>Everything between you and the server is encrypted. Nobody is in between if the server shows the same fingerprint of its key:</source>
      <translation>Tout est chiffré entre vous et le serveur. Personne ne s’est glissé entre les deux si le serveur affiche la même empreinte de sa clé :</translation>
    </message>
  </context>
  <context>
    <name>Library</name>
    <message>
      <source>'{character}' in '{name}' is a digit of another script than those before it</source>
      <translation>« {character} », dans « {name} », est un chiffre d’une autre écriture que les précédents</translation>
    </message>
    <message>
      <source>'{character}' in '{name}' is from another script than what stands before it</source>
      <translation>« {character} », dans « {name} », est d’une autre écriture que ce qui précède</translation>
    </message>
    <message>
      <source>'{name}' begins with xn--, as other names do where they are written with a to z</source>
      <translation>« {name} » commence par xn--, comme d’autres noms là où ils s’écrivent de a à z</translation>
    </message>
    <message>
      <source>'{name}' is too long, with {count} characters</source>
      <translation>« {name} » est trop long, avec {count} caractères</translation>
    </message>
    <message>
      <source>'{name}' is too short</source>
      <translation>« {name} » est trop court</translation>
    </message>
    <message>
      <source>/accept [FILE-ID]</source>
      <translation>/accept [ID-DU-FICHIER]</translation>
    </message>
    <message>
      <source>/ban NAME [+address] [30s|10m|2h|7d] [REASON]</source>
      <translation>/ban NOM [+address] [30s|10m|2h|7d] [RAISON]</translation>
    </message>
    <message>
      <source>/bans</source>
      <translation>/bans</translation>
    </message>
    <message>
      <source>/cancel [FILE-ID]</source>
      <translation>/cancel [ID-DU-FICHIER]</translation>
    </message>
    <message>
      <source>/close [REASON]</source>
      <translation>/close [RAISON]</translation>
    </message>
    <message>
      <source>/create ROOM</source>
      <translation>/create SALON</translation>
    </message>
    <message>
      <source>/decline [FILE-ID]</source>
      <translation>/decline [ID-DU-FICHIER]</translation>
    </message>
    <message>
      <source>/delete [NAME]</source>
      <translation>/delete [NOM]</translation>
    </message>
    <message>
      <source>/deop NAME</source>
      <translation>/deop NOM</translation>
    </message>
    <message>
      <source>/edit TEXT</source>
      <translation>/edit TEXTE</translation>
    </message>
    <message>
      <source>/help</source>
      <translation>/help</translation>
    </message>
    <message>
      <source>/history [N]</source>
      <translation>/history [N]</translation>
    </message>
    <message>
      <source>/identify [NAME] [PASSWORD]</source>
      <translation>/identify [NOM] [MOT_DE_PASSE]</translation>
    </message>
    <message>
      <source>/invite NAME</source>
      <translation>/invite NOM</translation>
    </message>
    <message>
      <source>/join ROOM</source>
      <translation>/join SALON</translation>
    </message>
    <message>
      <source>/kick NAME [REASON]</source>
      <translation>/kick NOM [RAISON]</translation>
    </message>
    <message>
      <source>/leave</source>
      <translation>/leave</translation>
    </message>
    <message>
      <source>/link</source>
      <translation>/link</translation>
    </message>
    <message>
      <source>/list</source>
      <translation>/list</translation>
    </message>
    <message>
      <source>/msg NAME[,NAME...] TEXT</source>
      <translation>/msg NOM[,NOM...] TEXTE</translation>
    </message>
    <message>
      <source>/msgall TEXT</source>
      <translation>/msgall TEXTE</translation>
    </message>
    <message>
      <source>/mute NAME [30s|10m|2h|7d] [REASON]</source>
      <translation>/mute NOM [30s|10m|2h|7d] [RAISON]</translation>
    </message>
    <message>
      <source>/nick NAME</source>
      <translation>/nick NOM</translation>
    </message>
    <message>
      <source>/op NAME [owner]</source>
      <translation>/op NOM [owner]</translation>
    </message>
    <message>
      <source>/private [off]</source>
      <translation>/private [off]</translation>
    </message>
    <message>
      <source>/quit</source>
      <translation>/quit</translation>
    </message>
    <message>
      <source>/react EMOJI [NAME]</source>
      <translation>/react ÉMOJI [NOM]</translation>
    </message>
    <message>
      <source>/register [PASSWORD]</source>
      <translation>/register [MOT_DE_PASSE]</translation>
    </message>
    <message>
      <source>/reply NAME TEXT</source>
      <translation>/reply NOM TEXTE</translation>
    </message>
    <message>
      <source>/rooms</source>
      <translation>/rooms</translation>
    </message>
    <message>
      <source>/search WORDS [from:NAME] [in:ROOM] [since:DATE] [until:DATE]</source>
      <translation>/search MOTS [from:NOM] [in:SALON] [since:DATE] [until:DATE]</translation>
    </message>
    <message>
      <source>/send NAME[,NAME...] FILE</source>
      <translation>/send NOM[,NOM...] FICHIER</translation>
    </message>
    <message>
      <source>/slow SECONDS</source>
      <translation>/slow SECONDES</translation>
    </message>
    <message>
      <source>/topic TEXT</source>
      <translation>/topic TEXTE</translation>
    </message>
    <message>
      <source>/unban NAME</source>
      <translation>/unban NOM</translation>
    </message>
    <message>
      <source>/unmute NAME</source>
      <translation>/unmute NOM</translation>
    </message>
    <message>
      <source>/unreact EMOJI [NAME]</source>
      <translation>/unreact ÉMOJI [NOM]</translation>
    </message>
    <message>
      <source>/who</source>
      <translation>/who</translation>
    </message>
    <message>
      <source>/whois NAME</source>
      <translation>/whois NOM</translation>
    </message>
    <message>
      <source>@{name} and @{other} in people are one account</source>
      <translation>@{name} et @{other} dans people sont un seul compte</translation>
    </message>
    <message>
      <source>Bad file descriptor</source>
      <translation>Mauvais descripteur de fichier</translation>
    </message>
    <message>
      <source>Disk quota exceeded</source>
      <translation>quota de disque dépassé</translation>
    </message>
    <message>
      <source>File exists</source>
      <translation>le fichier existe déjà</translation>
    </message>
    <message>
      <source>File too large</source>
      <translation>Fichier trop volumineux</translation>
    </message>
    <message>
      <source>Input/output error</source>
      <translation>erreur d’entrée/sortie</translation>
    </message>
    <message>
      <source>Is a directory</source>
      <translation>c’est un dossier</translation>
    </message>
    <message>
      <source>Network is unreachable</source>
      <translation>le réseau est inaccessible</translation>
    </message>
    <message>
      <source>No route to host</source>
      <translation>aucun chemin vers l’hôte</translation>
    </message>
    <message>
      <source>No space left on device</source>
      <translation>le disque est plein</translation>
    </message>
    <message>
      <source>No such file or directory</source>
      <translation>aucun fichier ni dossier de ce nom</translation>
    </message>
    <message>
      <source>Not a directory</source>
      <translation>ce n’est pas un dossier</translation>
    </message>
    <message>
      <source>Operation not permitted</source>
      <translation>opération non permise</translation>
    </message>
    <message>
      <source>Permission denied</source>
      <translation>permission refusée</translation>
    </message>
    <message>
      <source>Read-only file system</source>
      <translation>système de fichiers en lecture seule</translation>
    </message>
    <message>
      <source>TLS records of a few bytes</source>
      <translation>des enregistrements TLS de quelques octets</translation>
    </message>
    <message>
      <source>The server at {place} shows another key than before. Somebody may be listening in, or the server was set up anew; ask whoever runs it.
  known fingerprint: {known}
  fingerprint now:   {now}</source>
      <translation>Le serveur {place} montre une autre clé qu’avant. Quelqu’un écoute peut-être, ou le serveur a été réinstallé ; demandez à qui s’en occupe.
  empreinte connue :   {known}
  empreinte actuelle : {now}</translation>
    </message>
    <message>
      <source>The server at {url} shows another key than the one that you gave. Somebody may be listening in, or the fingerprint is that of another server; ask whoever runs it.
  fingerprint given: {given}
  fingerprint now:   {now}</source>
      <translation>Le serveur {url} montre une autre clé que celle que vous avez donnée. Quelqu’un écoute peut-être, ou l’empreinte est celle d’un autre serveur ; demandez à qui s’en occupe.
  empreinte donnée :   {given}
  empreinte actuelle : {now}</translation>
    </message>
    <message>
      <source>a TLS key is given without its certificate; give that too, with --tls-cert</source>
      <translation>une clé TLS est donnée sans son certificat ; donnez-le aussi, avec --tls-cert</translation>
    </message>
    <message>
      <source>a direct message goes to at most {recipients} users</source>
      <translation>un message privé va à {recipients} utilisateurs au plus</translation>
    </message>
    <message>
      <source>a direct message needs somebody to go to</source>
      <translation>un message privé a besoin d’un destinataire</translation>
    </message>
    <message>
      <source>a file goes to at most {file_receivers} users</source>
      <translation>un fichier va à {file_receivers} utilisateurs au plus</translation>
    </message>
    <message>
      <source>a file has a size and a SHA-256 of 64 hex digits in lower case</source>
      <translation>un fichier a une taille et un SHA-256 de 64 chiffres hexadécimaux en minuscules</translation>
    </message>
    <message>
      <source>a file has at most {file_bytes} bytes here</source>
      <translation>un fichier a ici au plus {file_bytes} octets</translation>
    </message>
    <message>
      <source>a file needs somebody else to go to</source>
      <translation>un fichier a besoin d’un autre destinataire que vous</translation>
    </message>
    <message>
      <source>a message of {target} was deleted</source>
      <translation>un message de {target} a été supprimé</translation>
    </message>
    <message>
      <source>a message took too long</source>
      <translation>un message a pris trop de temps</translation>
    </message>
    <message>
      <source>a message was too large</source>
      <translation>un message était trop gros</translation>
    </message>
    <message>
      <source>a name has {shortest} to {longest} letters (a-z, without accents), digits, _ or -</source>
      <translation>un nom a de {shortest} à {longest} lettres (a-z, sans accents), chiffres, _ ou -</translation>
    </message>
    <message>
      <source>a name has {shortest} to {longest} letters of one script, digits, _ or -</source>
      <translation>un nom a de {shortest} à {longest} lettres d’une seule écriture, chiffres, _ ou -</translation>
    </message>
    <message>
      <source>a number is beyond 2^53</source>
      <translation>un nombre dépasse 2^53</translation>
    </message>
    <message>
      <source>a number was left out</source>
      <translation>un numéro a été sauté</translation>
    </message>
    <message>
      <source>a part of it was lost between two servers; offer it again, and the rest will follow</source>
      <translation>une partie s’est perdue entre deux serveurs ; proposez-le de nouveau, et le reste suivra</translation>
    </message>
    <message>
      <source>a password has {shortest} to {longest} characters</source>
      <translation>un mot de passe a de {shortest} à {longest} caractères</translation>
    </message>
    <message>
      <source>a request is larger than an entry of the journal may be</source>
      <translation>une demande est plus grande que ne peut l’être une entrée du journal</translation>
    </message>
    <message>
      <source>a role is owner, moderator or member</source>
      <translation>un rôle est owner (propriétaire), moderator (modérateur) ou member (membre)</translation>
    </message>
    <message>
      <source>a time is before the year 1 or after 9999</source>
      <translation>une date est avant l’an 1 ou après 9999</translation>
    </message>
    <message>
      <source>accounts are off, optional or required, and not {given!r}</source>
      <translation>les comptes sont off, optional ou required, et non {given!r}</translation>
    </message>
    <message>
      <source>advertise is of no use: the store {place} is for one server alone</source>
      <translation>advertise ne sert à rien : l’entrepôt {place} est pour un seul serveur</translation>
    </message>
    <message>
      <source>an operator has banned or muted {name} in {room}: only operators take that back</source>
      <translation>un opérateur a banni {name} de {room}, ou l’y a rendu muet : seuls les opérateurs reviennent là-dessus</translation>
    </message>
    <message>
      <source>answer the last message of somebody here</source>
      <translation>répondre au dernier message de quelqu’un ici</translation>
    </message>
    <message>
      <source>anything else is a message to the room; // begins one with a slash</source>
      <translation>tout le reste est un message au salon ; // en commence un par une barre oblique</translation>
    </message>
    <message>
      <source>below a message stands one emoji</source>
      <translation>sous un message se met un seul emoji</translation>
    </message>
    <message>
      <source>by WebSocket: {one}; by QUIC: {other}</source>
      <translation>par WebSocket : {one} ; par QUIC : {other}</translation>
    </message>
    <message>
      <source>cancelled</source>
      <translation>annulé</translation>
    </message>
    <message>
      <source>cancelled at the other side</source>
      <translation>annulé par l’autre côté</translation>
    </message>
    <message>
      <source>cannot listen on port {port} of {host}: {why}</source>
      <translation>impossible d’écouter sur le port {port} de {host} : {why}</translation>
    </message>
    <message>
      <source>cannot reach {place}: {why}</source>
      <translation>{place} est injoignable : {why}</translation>
    </message>
    <message>
      <source>certificate has expired</source>
      <translation>le certificat a expiré</translation>
    </message>
    <message>
      <source>certificate is not yet valid</source>
      <translation>le certificat n’est pas encore valable</translation>
    </message>
    <message>
      <source>cid {cid} was used for something else</source>
      <translation>le cid {cid} a servi à autre chose</translation>
    </message>
    <message>
      <source>closed by the peer</source>
      <translation>fermée par l’autre côté</translation>
    </message>
    <message>
      <source>closed by the peer ({why})</source>
      <translation>fermée par l’autre côté ({why})</translation>
    </message>
    <message>
      <source>closed by us</source>
      <translation>fermée de ce côté</translation>
    </message>
    <message>
      <source>create a room and enter it</source>
      <translation>créer un salon et y entrer</translation>
    </message>
    <message>
      <source>declined</source>
      <translation>refusé</translation>
    </message>
    <message>
      <source>dropped by the peer</source>
      <translation>coupée par l’autre côté</translation>
    </message>
    <message>
      <source>dropped by us</source>
      <translation>coupée de ce côté</translation>
    </message>
    <message>
      <source>end this room; everybody is in the lobby then</source>
      <translation>fermer ce salon ; tout le monde est alors dans le hall</translation>
    </message>
    <message>
      <source>end what is on its way, or take an offer back</source>
      <translation>arrêter ce qui est en route, ou retirer une proposition</translation>
    </message>
    <message>
      <source>enter a room, and leave this one</source>
      <translation>entrer dans un salon, et quitter celui-ci</translation>
    </message>
    <message>
      <source>everybody starts in {room}: it cannot be private</source>
      <translation>tout le monde commence dans {room} : ce salon ne peut pas être privé</translation>
    </message>
    <message>
      <source>from your network address, as many names are registered as are left for all others; whoever looks after the server can register yours</source>
      <translation>depuis votre adresse réseau, autant de noms sont enregistrés qu’il en reste pour tous les autres ; la personne qui s’occupe du serveur peut enregistrer le vôtre</translation>
    </message>
    <message>
      <source>go back to the lobby</source>
      <translation>revenir au salon d’accueil (lobby)</translation>
    </message>
    <message>
      <source>goodbye</source>
      <translation>au revoir</translation>
    </message>
    <message>
      <source>in '{name}' there is a mark that stands on no letter, or one too many</source>
      <translation>il y a dans « {name} » un signe qui n’est sur aucune lettre, ou un de trop</translation>
    </message>
    <message>
      <source>in {room} you may say something every {seconds} s</source>
      <translation>dans {room}, vous pouvez écrire toutes les {seconds} s</translation>
    </message>
    <message>
      <source>in {room}, your role is no higher than that of {name}</source>
      <translation>dans {room}, votre rôle n’est pas plus élevé que celui de {name}</translation>
    </message>
    <message>
      <source>internal error</source>
      <translation>erreur interne</translation>
    </message>
    <message>
      <source>it arrived out of order</source>
      <translation>il est arrivé dans le désordre</translation>
    </message>
    <message>
      <source>it has {shortest} to {longest} characters</source>
      <translation>il a de {shortest} à {longest} caractères</translation>
    </message>
    <message>
      <source>it is a proxy that speaks the PROXY protocol, which is not understood here</source>
      <translation>c’est un serveur mandataire qui parle le protocole PROXY, que l’on ne comprend pas ici</translation>
    </message>
    <message>
      <source>it is damaged</source>
      <translation>il est endommagé</translation>
    </message>
    <message>
      <source>it is not a file</source>
      <translation>ce n’est pas un fichier</translation>
    </message>
    <message>
      <source>it is too long</source>
      <translation>il est trop long</translation>
    </message>
    <message>
      <source>it speaks HTTP, as browsers, pages in them and WebSocket clients do, and this port is plain TCP</source>
      <translation>il parle HTTP, comme les navigateurs, leurs pages et les clients WebSocket, et ce port est du TCP simple</translation>
    </message>
    <message>
      <source>it speaks TLS, and this port is not encrypted</source>
      <translation>il parle TLS, et ce port n’est pas chiffré</translation>
    </message>
    <message>
      <source>it takes too long</source>
      <translation>cela prend trop de temps</translation>
    </message>
    <message>
      <source>leave {part} out of the link; it has no meaning there</source>
      <translation>retirez {part} du lien ; cela n’y a pas de sens</translation>
    </message>
    <message>
      <source>leave {part} out of {url}; it has no meaning there</source>
      <translation>enlevez {part} de {url} ; cela n’y a pas de sens</translation>
    </message>
    <message>
      <source>let everybody wait between two messages; /slow 0 ends it</source>
      <translation>faire attendre chacun entre deux messages ; /slow 0 y met fin</translation>
    </message>
    <message>
      <source>let nobody in any more who is not invited</source>
      <translation>ne plus laisser entrer que les invités</translation>
    </message>
    <message>
      <source>let somebody in again</source>
      <translation>laisser revenir quelqu’un</translation>
    </message>
    <message>
      <source>let somebody into this private room</source>
      <translation>laisser entrer quelqu’un dans ce salon privé</translation>
    </message>
    <message>
      <source>let somebody listen only, for so long or for good</source>
      <translation>ne laisser quelqu’un qu’écouter, pour cette durée ou pour toujours</translation>
    </message>
    <message>
      <source>let somebody speak again</source>
      <translation>laisser quelqu’un écrire de nouveau</translation>
    </message>
    <message>
      <source>let your last message here say something else</source>
      <translation>changer le texte de votre dernier message ici</translation>
    </message>
    <message>
      <source>let your name be yours for good; again to change the password</source>
      <translation>garder votre nom pour de bon ; à nouveau pour changer le mot de passe</translation>
    </message>
    <message>
      <source>line {line} of the known servers in {path} cannot be read, and may be about {server}; correct it, or take it out once you are sure of that server's key</source>
      <translation>la ligne {line} des serveurs connus dans {path} est illisible et concerne peut-être {server} ; corrigez-la, ou retirez-la une fois que vous êtes sûr de la clé de ce serveur</translation>
    </message>
    <message>
      <source>log in first</source>
      <translation>identifiez-vous d’abord</translation>
    </message>
    <message>
      <source>log out</source>
      <translation>se déconnecter</translation>
    </message>
    <message>
      <source>look for messages; DATE is 2026-11-27, and /search alone goes on</source>
      <translation>chercher des messages ; DATE est 2026-11-27, et /search seul continue</translation>
    </message>
    <message>
      <source>make somebody a moderator of this room, or its owner</source>
      <translation>faire de quelqu’un un modérateur de ce salon, ou son propriétaire</translation>
    </message>
    <message>
      <source>make somebody an ordinary member again</source>
      <translation>refaire de quelqu’un un simple membre</translation>
    </message>
    <message>
      <source>metrics cannot be offered at {place}: {why}; choose another place with --admin-listen</source>
      <translation>les mesures ne peuvent pas être offertes à {place} : {why} ; choisissez un autre endroit avec --admin-listen</translation>
    </message>
    <message>
      <source>no client understands the TLS key {path} ({kind}); make one for P-256, or for RSA with 2048 bits or more</source>
      <translation>aucun client ne comprend la clé TLS {path} ({kind}) ; créez-en une pour P-256, ou pour RSA avec 2048 bits ou plus</translation>
    </message>
    <message>
      <source>no sign of life</source>
      <translation>aucun signe de vie</translation>
    </message>
    <message>
      <source>no socket that was opened for the server has port {port}; name it in its .socket unit with {setting}</source>
      <translation>aucune socket ouverte pour le serveur n’a le port {port} ; nommez-le dans son unité .socket avec {setting}</translation>
    </message>
    <message>
      <source>nobody can be found on the network: {why}</source>
      <translation>personne ne peut être trouvé sur le réseau : {why}</translation>
    </message>
    <message>
      <source>nobody else can own {room}: make somebody its owner, or a moderator, first</source>
      <translation>personne d’autre ne peut avoir {room} : donnez-le d’abord à quelqu’un, ou nommez un modérateur</translation>
    </message>
    <message>
      <source>nobody else in this room can receive files now</source>
      <translation>personne d’autre dans ce salon ne peut recevoir de fichiers en ce moment</translation>
    </message>
    <message>
      <source>nobody has to wait longer than {hours} h between two messages</source>
      <translation>entre deux messages, on n’attend pas plus de {hours} h</translation>
    </message>
    <message>
      <source>nobody has to wait that long between two messages</source>
      <translation>entre deux messages, on n’attend pas si longtemps</translation>
    </message>
    <message>
      <source>nobody is banned here, or muted</source>
      <translation>personne n’est banni ici, ni muet</translation>
    </message>
    <message>
      <source>not UTF-8</source>
      <translation>ce n’est pas de l’UTF-8</translation>
    </message>
    <message>
      <source>nothing came back of what it was given, for {seconds:g} s</source>
      <translation>rien n’est revenu de ce qui lui a été donné, pendant {seconds:g} s</translation>
    </message>
    <message>
      <source>nothing can be kept: {why}</source>
      <translation>rien ne peut être conservé : {why}</translation>
    </message>
    <message>
      <source>nothing comes back from the journal</source>
      <translation>rien ne revient du journal</translation>
    </message>
    <message>
      <source>nothing listens at {place}</source>
      <translation>rien n’écoute à {place}</translation>
    </message>
    <message>
      <source>nothing listens at {place} (is the server running, and is the port right?)</source>
      <translation>rien n’écoute à {place} (le serveur est-il lancé, et le port est-il le bon ?)</translation>
    </message>
    <message>
      <source>nothing listens there any more</source>
      <translation>plus rien n’écoute là-bas</translation>
    </message>
    <message>
      <source>nothing moved for too long</source>
      <translation>rien n’a bougé pendant trop longtemps</translation>
    </message>
    <message>
      <source>nothing was heard from the other side for too long</source>
      <translation>l’autre côté n’a pas donné signe de vie pendant trop longtemps</translation>
    </message>
    <message>
      <source>nothing would be kept with {name}={value}</source>
      <translation>rien ne serait gardé avec {name}={value}</translation>
    </message>
    <message>
      <source>offer a file to some users; * for everyone in this room</source>
      <translation>proposer un fichier à quelques utilisateurs ; * pour tous dans ce salon</translation>
    </message>
    <message>
      <source>only moderators of {room} may do that (rule {rule})</source>
      <translation>seuls les modérateurs de {room} peuvent faire cela (règle {rule})</translation>
    </message>
    <message>
      <source>only operators may do that (rule {rule})</source>
      <translation>seuls les opérateurs peuvent faire cela (règle {rule})</translation>
    </message>
    <message>
      <source>only the owner of {room} may do that (rule {rule})</source>
      <translation>seul le propriétaire de {room} peut faire cela (règle {rule})</translation>
    </message>
    <message>
      <source>only who has said it may change a message</source>
      <translation>seul l’auteur d’un message peut le changer</translation>
    </message>
    <message>
      <source>operators and bots are accounts, and there are none: give passwords or authenticate</source>
      <translation>les opérateurs et les bots sont des comptes, et il n’y en a pas : donnez passwords ou authenticate</translation>
    </message>
    <message>
      <source>other limits hold: {value}</source>
      <translation>d’autres limites valent : {value}</translation>
    </message>
    <message>
      <source>port {port} on {host} is in use by another program</source>
      <translation>le port {port} de {host} est pris par un autre programme</translation>
    </message>
    <message>
      <source>port {port} on {host} is in use, perhaps by a server that you started before; stop that one, or choose another port with --port or --listen</source>
      <translation>le port {port} de {host} est pris, peut-être par un serveur que vous avez démarré avant ; arrêtez-le, ou choisissez un autre port avec --port ou --listen</translation>
    </message>
    <message>
      <source>put an emoji below the last message here, or somebody's</source>
      <translation>mettre un émoji sous le dernier message ici, ou celui de quelqu’un</translation>
    </message>
    <message>
      <source>put somebody out and let nobody of that name in again, for so long or for good</source>
      <translation>mettre quelqu’un dehors et ne plus laisser entrer personne de ce nom, pour cette durée ou pour toujours</translation>
    </message>
    <message>
      <source>put somebody out of this room</source>
      <translation>exclure quelqu’un de ce salon</translation>
    </message>
    <message>
      <source>receive a file that is offered</source>
      <translation>recevoir un fichier proposé</translation>
    </message>
    <message>
      <source>say something to everyone connected</source>
      <translation>dire quelque chose à tous les connectés</translation>
    </message>
    <message>
      <source>say something to some users only, wherever they are</source>
      <translation>dire quelque chose à certains seulement, où qu’ils soient</translation>
    </message>
    <message>
      <source>say what this room is about; /topic - takes it away</source>
      <translation>dire de quoi parle ce salon ; /topic - l’enlève</translation>
    </message>
    <message>
      <source>say what to look for: words, a sender or a time</source>
      <translation>dites quoi chercher : des mots, un auteur ou une date</translation>
    </message>
    <message>
      <source>see a link with which others get into this room</source>
      <translation>voir un lien qui mène les autres dans ce salon</translation>
    </message>
    <message>
      <source>see all rooms</source>
      <translation>voir tous les salons</translation>
    </message>
    <message>
      <source>see all users and their rooms</source>
      <translation>voir tous les utilisateurs et leurs salons</translation>
    </message>
    <message>
      <source>see earlier messages of this room</source>
      <translation>revoir les messages précédents de ce salon</translation>
    </message>
    <message>
      <source>see this list</source>
      <translation>voir cette liste</translation>
    </message>
    <message>
      <source>see where a user is, over what, since when, and how long silent</source>
      <translation>voir où est un utilisateur, par quoi, depuis quand, et silencieux depuis combien de temps</translation>
    </message>
    <message>
      <source>see who is banned or muted here</source>
      <translation>voir qui est banni ou muet ici</translation>
    </message>
    <message>
      <source>see who is in this room</source>
      <translation>voir qui est dans ce salon</translation>
    </message>
    <message>
      <source>self-signed certificate</source>
      <translation>certificat signé par lui-même</translation>
    </message>
    <message>
      <source>self-signed certificate in certificate chain</source>
      <translation>certificat signé par lui-même dans la chaîne</translation>
    </message>
    <message>
      <source>show that a name that belongs to somebody is yours</source>
      <translation>montrer qu’un nom qui appartient à quelqu’un est le vôtre</translation>
    </message>
    <message>
      <source>somebody else may have the name since the connection was lost</source>
      <translation>quelqu’un d’autre a peut-être ce nom depuis que la connexion a été perdue</translation>
    </message>
    <message>
      <source>somebody had registered this name before the settings named it, and has the limits of that name from now on; if you do not know whose it is, give it another password (chatcore admin URL reset NAME), or take it out of the settings</source>
      <translation>quelqu’un avait enregistré ce nom avant que les réglages ne le nomment, et a désormais les limites de ce nom ; si vous ne savez pas à qui il est, donnez-lui un autre mot de passe (chatcore admin URL reset NOM), ou retirez-le des réglages</translation>
    </message>
    <message>
      <source>somebody had registered this name before the settings named it, and is an operator from now on; if you do not know whose it is, give it another password (chatcore admin URL reset NAME), or take it out of the settings</source>
      <translation>quelqu’un avait enregistré ce nom avant que les réglages ne le nomment, et est opérateur désormais ; si vous ne savez pas à qui il est, donnez-lui un autre mot de passe (chatcore admin URL reset NOM), ou retirez-le des réglages</translation>
    </message>
    <message>
      <source>somebody who looks after this place has put you out</source>
      <translation>quelqu’un qui veille sur cet endroit vous a exclu</translation>
    </message>
    <message>
      <source>stalled</source>
      <translation>plus rien ne passe</translation>
    </message>
    <message>
      <source>take another name</source>
      <translation>prendre un autre nom</translation>
    </message>
    <message>
      <source>take away your last message here, or as a moderator somebody's</source>
      <translation>retirer votre dernier message ici, ou en tant que modérateur celui de quelqu’un</translation>
    </message>
    <message>
      <source>take your emoji back from the last message here that has it, or somebody's</source>
      <translation>retirer votre émoji du dernier message d’ici qui le porte, ou de celui de quelqu’un</translation>
    </message>
    <message>
      <source>that program cannot receive files</source>
      <translation>ce programme ne peut pas recevoir de fichiers</translation>
    </message>
    <message>
      <source>that user is away, and many messages from you or your network wait there: others may still write</source>
      <translation>cet utilisateur est absent, et beaucoup de messages de vous ou de votre réseau y attendent : d’autres peuvent encore écrire</translation>
    </message>
    <message>
      <source>that user is away, and many messages wait there already</source>
      <translation>cet utilisateur est absent, et beaucoup de messages l’attendent déjà</translation>
    </message>
    <message>
      <source>that user is not banned</source>
      <translation>cet utilisateur n’est pas banni</translation>
    </message>
    <message>
      <source>the TLS certificate {path} and its key cannot be used: {why}</source>
      <translation>le certificat TLS {path} et sa clé ne peuvent pas servir : {why}</translation>
    </message>
    <message>
      <source>the TLS certificate {path} cannot be read: {why}</source>
      <translation>le certificat TLS {path} ne peut pas être lu : {why}</translation>
    </message>
    <message>
      <source>the TLS certificate {path} is damaged</source>
      <translation>le certificat TLS {path} est endommagé</translation>
    </message>
    <message>
      <source>the TLS certificate {path} is not a PEM file with a certificate</source>
      <translation>le certificat TLS {path} n’est pas un fichier PEM avec un certificat</translation>
    </message>
    <message>
      <source>the TLS certificate {path} needs its private key; give it with --tls-key</source>
      <translation>le certificat TLS {path} a besoin de sa clé privée ; donnez-la avec --tls-key</translation>
    </message>
    <message>
      <source>the TLS key {key} does not belong to the certificate {path}</source>
      <translation>la clé TLS {key} ne va pas avec le certificat {path}</translation>
    </message>
    <message>
      <source>the TLS key {path} cannot be read: {why}</source>
      <translation>la clé TLS {path} ne peut pas être lue : {why}</translation>
    </message>
    <message>
      <source>the TLS key {path} is damaged</source>
      <translation>la clé TLS {path} est endommagée</translation>
    </message>
    <message>
      <source>the TLS key {path} is not a PEM file with a private key</source>
      <translation>la clé TLS {path} n’est pas un fichier PEM avec une clé privée</translation>
    </message>
    <message>
      <source>the TLS key {path} is protected by a password; give one that is not</source>
      <translation>la clé TLS {path} est protégée par un mot de passe ; donnez-en une qui ne l’est pas</translation>
    </message>
    <message>
      <source>the account {name} has {sessions} sessions, as many as it may have; log out of one first</source>
      <translation>le compte {name} a {sessions} sessions, autant qu’il peut en avoir ; fermez-en une d’abord</translation>
    </message>
    <message>
      <source>the accounts of this server are looked after elsewhere</source>
      <translation>les comptes de ce serveur sont gérés ailleurs</translation>
    </message>
    <message>
      <source>the accounts of this server are out of order; try again later, or tell whoever runs it</source>
      <translation>les comptes de ce serveur ne fonctionnent pas ; réessayez plus tard, ou prévenez la personne qui s’en occupe</translation>
    </message>
    <message>
      <source>the certificate of {place} is not the one that was pinned: its fingerprint is {shown}</source>
      <translation>le certificat de {place} n’est pas celui qui est attendu : son empreinte est {shown}</translation>
    </message>
    <message>
      <source>the certificate of {place} is not to be trusted: it is not for {host}, but for {names}</source>
      <translation>le certificat de {place} n’est pas digne de confiance : il n’est pas pour {host}, mais pour {names}</translation>
    </message>
    <message>
      <source>the certificate of {place} is not to be trusted: it names no server, so it is not for {host} either</source>
      <translation>le certificat de {place} n’est pas digne de confiance : il ne nomme aucun serveur, donc pas {host} non plus</translation>
    </message>
    <message>
      <source>the certificate of {place} is not to be trusted: {why}</source>
      <translation>le certificat de {place} n’est pas digne de confiance : {why}</translation>
    </message>
    <message>
      <source>the certificates in {path} are in the wrong order: that of the key {key} comes first, then those that vouch for it</source>
      <translation>les certificats de {path} sont dans le mauvais ordre : celui de la clé {key} vient en premier, puis ceux qui s’en portent garants</translation>
    </message>
    <message>
      <source>the client id cannot be used: {why}</source>
      <translation>l’identifiant du client ne peut pas servir : {why}</translation>
    </message>
    <message>
      <source>the client is closed</source>
      <translation>le client est fermé</translation>
    </message>
    <message>
      <source>the client was closed</source>
      <translation>le client a été fermé</translation>
    </message>
    <message>
      <source>the connection ended before the server answered; it may have arrived all the same</source>
      <translation>la connexion a pris fin avant la réponse du serveur ; c’est peut-être arrivé quand même</translation>
    </message>
    <message>
      <source>the connection ended each of the {count} times that this was sent; it may have arrived all the same</source>
      <translation>la connexion s’est terminée chacune des {count} fois que ceci a été envoyé ; c’est peut-être arrivé quand même</translation>
    </message>
    <message>
      <source>the connection ended each time that this was sent; it may have arrived</source>
      <translation>la connexion s’est terminée chaque fois que ceci a été envoyé ; c’est peut-être arrivé</translation>
    </message>
    <message>
      <source>the connection is closed</source>
      <translation>la connexion est fermée</translation>
    </message>
    <message>
      <source>the connection to {url} failed: {why}</source>
      <translation>la connexion à {url} a échoué : {why}</translation>
    </message>
    <message>
      <source>the connection to {url} was lost before the login: {why}</source>
      <translation>la connexion à {url} a été perdue avant l’identification : {why}</translation>
    </message>
    <message>
      <source>the dialect {name!r} cannot be used here: {why}</source>
      <translation>le dialecte {name!r} ne peut pas servir ici : {why}</translation>
    </message>
    <message>
      <source>the end of the link cannot be read: {part}</source>
      <translation>la fin du lien est illisible : {part}</translation>
    </message>
    <message>
      <source>the file became shorter while it was read</source>
      <translation>le fichier a raccourci pendant sa lecture</translation>
    </message>
    <message>
      <source>the file became shorter while it was sent</source>
      <translation>le fichier a raccourci pendant son envoi</translation>
    </message>
    <message>
      <source>the file has {size} bytes</source>
      <translation>le fichier a {size} octets</translation>
    </message>
    <message>
      <source>the file of trusted certificates {path} cannot be read: {why}</source>
      <translation>le fichier des certificats de confiance {path} ne peut pas être lu : {why}</translation>
    </message>
    <message>
      <source>the file was not sent to its end</source>
      <translation>le fichier n’a pas été envoyé jusqu’au bout</translation>
    </message>
    <message>
      <source>the folder {path} cannot be made: {why}</source>
      <translation>le dossier {path} ne peut pas être créé : {why}</translation>
    </message>
    <message>
      <source>the handshake took too long</source>
      <translation>l’établissement de la connexion a pris trop de temps</translation>
    </message>
    <message>
      <source>the host {host} has no address</source>
      <translation>l’hôte {host} n’a pas d’adresse</translation>
    </message>
    <message>
      <source>the host {host} is not known</source>
      <translation>l’hôte {host} est inconnu</translation>
    </message>
    <message>
      <source>the host {host} to listen on is not known; choose another one with --host or --listen</source>
      <translation>l’hôte {host} où écouter est inconnu ; choisissez-en un autre avec --host ou --listen</translation>
    </message>
    <message>
      <source>the invitation cannot be used: {why}</source>
      <translation>l’invitation ne peut pas être utilisée : {why}</translation>
    </message>
    <message>
      <source>the keys of encrypted connections cannot be written to {file}, which the environment variable {variable} names: {why}; unset it, or name another file</source>
      <translation>les clés des connexions chiffrées ne peuvent pas être écrites dans {file}, que nomme la variable d’environnement {variable} : {why} ; supprimez-la, ou nommez un autre fichier</translation>
    </message>
    <message>
      <source>the known servers in {path} cannot be read: {why}</source>
      <translation>les serveurs connus dans {path} ne peuvent pas être lus : {why}</translation>
    </message>
    <message>
      <source>the link has another key for the server at {server} than the one that it had before: somebody may have forged the link, or the server was set up anew; its key's fingerprint was {known} and is {given} in the link. Ask whoever runs the server, or connect to {url} without the link, which goes by the known key</source>
      <translation>le lien a pour le serveur à {server} une autre clé que celle qu’il avait auparavant : quelqu’un a peut-être falsifié le lien, ou le serveur a été réinstallé ; l’empreinte de sa clé était {known} et elle est {given} dans le lien. Demandez à la personne qui tient le serveur, ou connectez-vous à {url} sans le lien, d’après la clé connue</translation>
    </message>
    <message>
      <source>the link is longer than {most} characters</source>
      <translation>le lien a plus de {most} caractères</translation>
    </message>
    <message>
      <source>the login took too long</source>
      <translation>l’identification a pris trop de temps</translation>
    </message>
    <message>
      <source>the name of a file has at most {name_bytes} bytes, and no control characters</source>
      <translation>le nom d’un fichier a au plus {name_bytes} octets, et pas de caractères de contrôle</translation>
    </message>
    <message>
      <source>the name {name} belongs to nobody</source>
      <translation>le nom {name} n’appartient à personne</translation>
    </message>
    <message>
      <source>the name {name} belongs to somebody already; reset gives that account another password</source>
      <translation>le nom {name} appartient déjà à quelqu’un ; reset donne un autre mot de passe à ce compte</translation>
    </message>
    <message>
      <source>the name {name} belongs to somebody, and this server asks for no passwords of accounts at present: take another one; if it is yours, tell whoever runs the server</source>
      <translation>le nom {name} appartient à quelqu’un, et ce serveur ne demande pas de mots de passe de comptes en ce moment : prenez-en un autre ; s’il est à vous, prévenez la personne qui s’occupe du serveur</translation>
    </message>
    <message>
      <source>the name {name} belongs to somebody: log in with its password, or take another one</source>
      <translation>le nom {name} appartient à quelqu’un : connectez-vous avec son mot de passe, ou prenez-en un autre</translation>
    </message>
    <message>
      <source>the name {name} is kept for {seconds} s more, for somebody who has lost the connection</source>
      <translation>le nom {name} est réservé pendant encore {seconds} s à quelqu’un qui a perdu la connexion</translation>
    </message>
    <message>
      <source>the name {name} is taken</source>
      <translation>le nom {name} est déjà pris</translation>
    </message>
    <message>
      <source>the name {name} looks like {other}, and another room is called that</source>
      <translation>le nom {name} ressemble à {other}, et un autre salon s’appelle ainsi</translation>
    </message>
    <message>
      <source>the name {name} looks like {other}, and somebody is called that</source>
      <translation>le nom {name} ressemble à {other}, et quelqu’un s’appelle ainsi</translation>
    </message>
    <message>
      <source>the next cid is {expected}, not {cid}</source>
      <translation>le prochain cid est {expected}, pas {cid}</translation>
    </message>
    <message>
      <source>the operator token cannot be used: {why}</source>
      <translation>le jeton des opérateurs ne peut pas être utilisé : {why}</translation>
    </message>
    <message>
      <source>the operators have another token</source>
      <translation>les opérateurs ont un autre jeton</translation>
    </message>
    <message>
      <source>the operators have no token any more</source>
      <translation>les opérateurs n’ont plus de jeton</translation>
    </message>
    <message>
      <source>the other servers of this chat have other settings ({names}); start it with theirs, or stop them first</source>
      <translation>les autres serveurs de cette discussion ont d’autres réglages ({names}) ; démarrez-le avec les leurs, ou arrêtez-les d’abord</translation>
    </message>
    <message>
      <source>the other side cannot read or write the file</source>
      <translation>l’autre côté ne peut pas lire ou écrire le fichier</translation>
    </message>
    <message>
      <source>the other side does not know this connection any more: it was started anew, or had given it up</source>
      <translation>l’autre côté ne connaît plus cette connexion : il a redémarré, ou l’avait abandonnée</translation>
    </message>
    <message>
      <source>the owner of the account {target} is an operator from now on, by the settings</source>
      <translation>le propriétaire du compte {target} est opérateur désormais, par les réglages</translation>
    </message>
    <message>
      <source>the packages {one} and {other} both offer {name!r}; uninstall the one that you do not want</source>
      <translation>les paquets {one} et {other} offrent tous deux {name!r} ; désinstallez celui dont vous ne voulez pas</translation>
    </message>
    <message>
      <source>the password cannot be used: {why}</source>
      <translation>le mot de passe ne peut pas être utilisé : {why}</translation>
    </message>
    <message>
      <source>the password of the server has {number} bytes, and {most} at most can be sent</source>
      <translation>le mot de passe du serveur a {number} octets, et on ne peut en envoyer que {most}</translation>
    </message>
    <message>
      <source>the password of the server is empty</source>
      <translation>le mot de passe du serveur est vide</translation>
    </message>
    <message>
      <source>the peer vanished</source>
      <translation>l’autre côté a disparu</translation>
    </message>
    <message>
      <source>the program of {name} cannot receive files</source>
      <translation>le programme de {name} ne peut pas recevoir de fichiers</translation>
    </message>
    <message>
      <source>the program that this server runs in cannot do that</source>
      <translation>le programme dans lequel tourne ce serveur ne sait pas le faire</translation>
    </message>
    <message>
      <source>the room in the link cannot be: {problem}</source>
      <translation>le salon du lien est impossible : {problem}</translation>
    </message>
    <message>
      <source>the server answered {request} with {answer}</source>
      <translation>le serveur a répondu à {request} par {answer}</translation>
    </message>
    <message>
      <source>the server asks for a name again and again</source>
      <translation>le serveur demande encore et encore un pseudo</translation>
    </message>
    <message>
      <source>the server at {server} shows another key than before: somebody may be in between, or it was set up anew; its key's fingerprint was {known} and is {shown}</source>
      <translation>le serveur {server} montre une autre clé qu’avant : quelqu’un est peut-être entre les deux, ou il a été réinstallé ; l’empreinte de sa clé était {known} et est {shown}</translation>
    </message>
    <message>
      <source>the server cannot be announced on the network: {why}</source>
      <translation>le serveur ne peut pas être annoncé sur le réseau : {why}</translation>
    </message>
    <message>
      <source>the server cannot read this from its disk; whoever looks after it finds why in its log</source>
      <translation>le serveur ne peut pas lire cela sur son disque ; qui s’en occupe trouve pourquoi dans son journal</translation>
    </message>
    <message>
      <source>the server cannot write anything down at present; try again later</source>
      <translation>le serveur ne peut rien écrire en ce moment ; réessayez plus tard</translation>
    </message>
    <message>
      <source>the server did not answer in time</source>
      <translation>le serveur n’a pas répondu à temps</translation>
    </message>
    <message>
      <source>the server did not understand this</source>
      <translation>le serveur n’a pas compris cela</translation>
    </message>
    <message>
      <source>the server does not know it any more; offer it again</source>
      <translation>le serveur ne le connaît plus ; proposez-le à nouveau</translation>
    </message>
    <message>
      <source>the server does not say where</source>
      <translation>le serveur ne dit pas où</translation>
    </message>
    <message>
      <source>the server has another password</source>
      <translation>le serveur a un autre mot de passe</translation>
    </message>
    <message>
      <source>the server has no password any more</source>
      <translation>le serveur n’a plus de mot de passe</translation>
    </message>
    <message>
      <source>the server is full; try again later</source>
      <translation>le serveur est plein ; réessayez plus tard</translation>
    </message>
    <message>
      <source>the server is shutting down</source>
      <translation>le serveur s’arrête</translation>
    </message>
    <message>
      <source>the server is starting</source>
      <translation>le serveur démarre</translation>
    </message>
    <message>
      <source>the server made a mistake</source>
      <translation>le serveur a fait une erreur</translation>
    </message>
    <message>
      <source>the server refused it</source>
      <translation>le serveur l’a refusé</translation>
    </message>
    <message>
      <source>the server sent a chunk out of its order</source>
      <translation>le serveur a envoyé un fragment dans le désordre</translation>
    </message>
    <message>
      <source>the server sent a line without an end</source>
      <translation>le serveur a envoyé une ligne sans fin</translation>
    </message>
    <message>
      <source>the server sent something unreadable: {why}</source>
      <translation>le serveur a envoyé quelque chose d’illisible : {why}</translation>
    </message>
    <message>
      <source>the server was not started</source>
      <translation>le serveur n’a pas été démarré</translation>
    </message>
    <message>
      <source>the server's WebSocket is not encrypted, and this connection is</source>
      <translation>le WebSocket du serveur n’est pas chiffré, alors que cette connexion l’est</translation>
    </message>
    <message>
      <source>the server's key cannot be kept in {place}: {why}; choose another directory with --state-dir, or give a certificate with --tls-cert and --tls-key</source>
      <translation>la clé du serveur ne peut pas être gardée dans {place} : {why} ; choisissez un autre dossier avec --state-dir, ou donnez un certificat avec --tls-cert et --tls-key</translation>
    </message>
    <message>
      <source>the server's key cannot be remembered in {path}: {why}; choose another directory with --state-dir</source>
      <translation>la clé du serveur ne peut pas être retenue dans {path} : {why} ; choisissez un autre répertoire avec --state-dir</translation>
    </message>
    <message>
      <source>the server's key {path} can be read by others; take that right away (chmod 600)</source>
      <translation>la clé du serveur {path} peut être lue par d’autres ; retirez ce droit (chmod 600)</translation>
    </message>
    <message>
      <source>the server's key {path} is damaged; restore it, or delete it for a new one</source>
      <translation>la clé du serveur {path} est abîmée ; rétablissez-la, ou supprimez-la pour en avoir une nouvelle</translation>
    </message>
    <message>
      <source>the server's key {path} is not one for P-256; delete it for a new one</source>
      <translation>la clé du serveur {path} n’est pas une clé P-256 ; supprimez-la pour en avoir une nouvelle</translation>
    </message>
    <message>
      <source>the settings and certificates were read again</source>
      <translation>les réglages et les certificats ont été relus</translation>
    </message>
    <message>
      <source>the settings cannot be used, so those from before go on; the log of the server says why</source>
      <translation>les réglages ne peuvent pas servir, donc les précédents restent ; le journal du serveur dit pourquoi</translation>
    </message>
    <message>
      <source>the settings of this server name {name}: nobody is called that until an operator has registered it</source>
      <translation>les réglages de ce serveur nomment {name} : personne ne s’appelle ainsi avant qu’un opérateur l’ait enregistré</translation>
    </message>
    <message>
      <source>the settings of this server name {name}: only an operator can register it</source>
      <translation>les réglages de ce serveur nomment {name} : seul un opérateur peut l’enregistrer</translation>
    </message>
    <message>
      <source>the snapshot in the store {path} cannot be read; keep the store and report what the log says of it, or put a backup in its place</source>
      <translation>l’instantané du stockage {path} est illisible ; gardez le stockage et signalez ce qu’en dit le journal, ou mettez une sauvegarde à sa place</translation>
    </message>
    <message>
      <source>the store cannot be written any more</source>
      <translation>on ne peut plus écrire dans le stockage</translation>
    </message>
    <message>
      <source>the store cannot be written to; its own message is in the log</source>
      <translation>la conservation est impossible ; son propre message est dans le journal</translation>
    </message>
    <message>
      <source>the store memory has no place</source>
      <translation>le stockage memory n’a pas d’emplacement</translation>
    </message>
    <message>
      <source>the store {name!r} cannot be used here: {why}</source>
      <translation>la conservation {name!r} est inutilisable ici : {why}</translation>
    </message>
    <message>
      <source>the store {path} cannot be used: {why}</source>
      <translation>le stockage {path} ne peut pas être utilisé : {why}</translation>
    </message>
    <message>
      <source>the tcp transport is never encrypted; leave out the certificate, or use ws or quic</source>
      <translation>le transport tcp n’est jamais chiffré ; retirez le certificat, ou prenez ws ou quic</translation>
    </message>
    <message>
      <source>the text is empty</source>
      <translation>le texte est vide</translation>
    </message>
    <message>
      <source>the text is longer than {text_bytes} bytes</source>
      <translation>le texte fait plus de {text_bytes} octets</translation>
    </message>
    <message>
      <source>the token of the operators has {number} bytes, and {most} at most can be sent</source>
      <translation>le jeton des opérateurs a {number} octets, et on ne peut en envoyer que {most}</translation>
    </message>
    <message>
      <source>the token of the operators is too short: {number} characters</source>
      <translation>le jeton des opérateurs est trop court : {number} caractères</translation>
    </message>
    <message>
      <source>the transport {name!r} cannot be used here: {why}</source>
      <translation>le transport {name!r} ne peut pas servir ici : {why}</translation>
    </message>
    <message>
      <source>there are enough reactions to this message</source>
      <translation>il y a assez de réactions à ce message</translation>
    </message>
    <message>
      <source>there are too many connections at {place}</source>
      <translation>il y a trop de connexions à {place}</translation>
    </message>
    <message>
      <source>there are too many files called {name} in {folder}</source>
      <translation>il y a trop de fichiers appelés {name} dans {folder}</translation>
    </message>
    <message>
      <source>there are too many files on their way; try again later</source>
      <translation>il y a trop de fichiers en route ; réessayez plus tard</translation>
    </message>
    <message>
      <source>there are too many invitations; take some back first</source>
      <translation>il y a trop d’invitations ; retirez-en d’abord quelques-unes</translation>
    </message>
    <message>
      <source>there is '{character}' in '{name}'</source>
      <translation>il y a « {character} » dans « {name} »</translation>
    </message>
    <message>
      <source>there is a character at place {number} that is broken or not UTF-8; replace it</source>
      <translation>il y a à la place {number} un caractère abîmé ou qui n’est pas de l’UTF-8 ; remplacez-le</translation>
    </message>
    <message>
      <source>there is a room called {name} already</source>
      <translation>il y a déjà un salon {name}</translation>
    </message>
    <message>
      <source>there is a space in '{name}'</source>
      <translation>il y a une espace dans « {name} »</translation>
    </message>
    <message>
      <source>there is no command /{name}; /help lists them all, // begins a message with a slash</source>
      <translation>il n’y a pas de commande /{name} ; /help les montre toutes, // commence un message par une barre oblique</translation>
    </message>
    <message>
      <source>there is no command /{name}; did you mean /{close}? /help lists them all</source>
      <translation>il n’y a pas de commande /{name} ; vouliez-vous dire /{close} ? /help les montre toutes</translation>
    </message>
    <message>
      <source>there is no dialect called {name!r}, only {names}</source>
      <translation>il n’y a pas de dialecte {name!r}, seulement {names}</translation>
    </message>
    <message>
      <source>there is no invitation with that number, or not any more</source>
      <translation>il n’y a pas d’invitation avec ce numéro, ou il n’y en a plus</translation>
    </message>
    <message>
      <source>there is no link to {url}</source>
      <translation>il n’y a pas de lien vers {url}</translation>
    </message>
    <message>
      <source>there is no password to log in with: {why}</source>
      <translation>il n’y a pas de mot de passe pour se connecter : {why}</translation>
    </message>
    <message>
      <source>there is no place to listen in: give one, or leave listen out</source>
      <translation>il n’y a aucun endroit où écouter : donnez-en un, ou n’indiquez pas listen</translation>
    </message>
    <message>
      <source>there is no room called {name}</source>
      <translation>il n’y a pas de salon {name}</translation>
    </message>
    <message>
      <source>there is no room for this file in {folder}</source>
      <translation>il n’y a pas de place pour ce fichier dans {folder}</translation>
    </message>
    <message>
      <source>there is no space left for it there</source>
      <translation>il n’y a plus de place pour lui là-bas</translation>
    </message>
    <message>
      <source>there is no store called {name!r}, only {names}</source>
      <translation>il n’y a pas de conservation appelée {name!r}, seulement {names}</translation>
    </message>
    <message>
      <source>there is no such account, or it has another password</source>
      <translation>ce compte n’existe pas, ou il a un autre mot de passe</translation>
    </message>
    <message>
      <source>there is no such message (any more)</source>
      <translation>ce message n’existe pas (ou plus)</translation>
    </message>
    <message>
      <source>there is no such room</source>
      <translation>il n’y a pas de salon de ce nom</translation>
    </message>
    <message>
      <source>there is no such user</source>
      <translation>il n’y a pas d’utilisateur de ce nom</translation>
    </message>
    <message>
      <source>there is no transport called {name!r}, only {names}</source>
      <translation>il n’y a pas de transport {name!r}, seulement {names}</translation>
    </message>
    <message>
      <source>there is no user called {name}</source>
      <translation>il n’y a pas d’utilisateur {name}</translation>
    </message>
    <message>
      <source>this cannot be a name</source>
      <translation>cela ne peut pas être un nom</translation>
    </message>
    <message>
      <source>this cannot be sent to this server: {why}</source>
      <translation>ceci ne peut pas être envoyé à ce serveur : {why}</translation>
    </message>
    <message>
      <source>this file is being received already</source>
      <translation>ce fichier est déjà en cours de réception</translation>
    </message>
    <message>
      <source>this file is not on offer any more</source>
      <translation>ce fichier n’est plus proposé</translation>
    </message>
    <message>
      <source>this has at most {characters} characters</source>
      <translation>ceci a au plus {characters} caractères</translation>
    </message>
    <message>
      <source>this invitation is not good, or not any more; ask for another one</source>
      <translation>cette invitation n’est pas valable, ou ne l’est plus ; demandez-en une autre</translation>
    </message>
    <message>
      <source>this is an echo server and no chat: it sends back what it gets</source>
      <translation>c’est un serveur d’écho et pas un tchat : il renvoie ce qu’il reçoit</translation>
    </message>
    <message>
      <source>this is how to write it: {usage}</source>
      <translation>voici comment l’écrire : {usage}</translation>
    </message>
    <message>
      <source>this is nested too deeply</source>
      <translation>il y a trop de niveaux</translation>
    </message>
    <message>
      <source>this is no batch of records</source>
      <translation>ce n’est pas un lot d’enregistrements</translation>
    </message>
    <message>
      <source>this is no batch of records: {why}</source>
      <translation>ce n’est pas un lot d’enregistrements : {why}</translation>
    </message>
    <message>
      <source>this is no entry of a log</source>
      <translation>ce n’est pas une entrée d’un historique</translation>
    </message>
    <message>
      <source>this is not JSON</source>
      <translation>ce n’est pas du JSON</translation>
    </message>
    <message>
      <source>this is not a JSON object</source>
      <translation>ce n’est pas un objet JSON</translation>
    </message>
    <message>
      <source>this is not a SHA-256</source>
      <translation>ce n’est pas un SHA-256</translation>
    </message>
    <message>
      <source>this is not allowed</source>
      <translation>ce n’est pas permis</translation>
    </message>
    <message>
      <source>this is not the token of the operators</source>
      <translation>ce n’est pas le jeton des opérateurs</translation>
    </message>
    <message>
      <source>this is one line, without line breaks and other control characters</source>
      <translation>cela tient sur une ligne, sans retour à la ligne ni autre caractère de contrôle</translation>
    </message>
    <message>
      <source>this is too large</source>
      <translation>c’est trop grand</translation>
    </message>
    <message>
      <source>this is too large, and has no end</source>
      <translation>c’est trop grand, et sans fin</translation>
    </message>
    <message>
      <source>this is too long</source>
      <translation>c’est trop long</translation>
    </message>
    <message>
      <source>this is too long to be a name, or these are too many</source>
      <translation>c’est trop long pour un nom, ou il y en a trop</translation>
    </message>
    <message>
      <source>this name belongs to somebody: log in with its password, or take another one</source>
      <translation>ce nom appartient à quelqu’un : connectez-vous avec son mot de passe, ou prenez-en un autre</translation>
    </message>
    <message>
      <source>this name is taken</source>
      <translation>ce nom est déjà pris</translation>
    </message>
    <message>
      <source>this name looks like that of somebody else</source>
      <translation>ce nom ressemble à celui de quelqu’un d’autre</translation>
    </message>
    <message>
      <source>this network address has too many connections; close some, or try again later</source>
      <translation>cette adresse réseau a trop de connexions ; fermez-en, ou réessayez plus tard</translation>
    </message>
    <message>
      <source>this number was used already</source>
      <translation>ce numéro a déjà servi</translation>
    </message>
    <message>
      <source>this program has no folder for files; give connect() a file store</source>
      <translation>ce programme n’a pas de dossier pour les fichiers ; donnez un dépôt de fichiers à connect()</translation>
    </message>
    <message>
      <source>this room exists already</source>
      <translation>ce salon existe déjà</translation>
    </message>
    <message>
      <source>this room is private</source>
      <translation>ce salon est privé</translation>
    </message>
    <message>
      <source>this room is yours: /topic, /op, /kick, /mute and /ban are for you</source>
      <translation>ce salon est à vous : /topic, /op, /kick, /mute et /ban sont pour vous</translation>
    </message>
    <message>
      <source>this server archives nothing at present: {why}</source>
      <translation>ce serveur n’archive rien pour l’instant : {why}</translation>
    </message>
    <message>
      <source>this server asks for no passwords of accounts at present, so nobody can log in to one; tell whoever runs it</source>
      <translation>ce serveur ne demande pas de mots de passe de comptes en ce moment : personne ne peut se connecter à un compte ; prévenez la personne qui s’en occupe</translation>
    </message>
    <message>
      <source>this server does not rename</source>
      <translation>ce serveur ne change pas les noms</translation>
    </message>
    <message>
      <source>this server does not tell who is there</source>
      <translation>ce serveur ne dit pas qui est là</translation>
    </message>
    <message>
      <source>this server has a password, and it is missing or wrong</source>
      <translation>ce serveur a un mot de passe, et il manque ou n’est pas le bon</translation>
    </message>
    <message>
      <source>this server has as many accounts as it may have</source>
      <translation>ce serveur a autant de comptes qu’il peut en avoir</translation>
    </message>
    <message>
      <source>this server has no accounts</source>
      <translation>ce serveur n’a pas de comptes</translation>
    </message>
    <message>
      <source>this server has no direct messages</source>
      <translation>ce serveur n’a pas de messages privés</translation>
    </message>
    <message>
      <source>this server has no replies</source>
      <translation>ce serveur n’a pas de réponses</translation>
    </message>
    <message>
      <source>this server has nothing like that</source>
      <translation>ce serveur ne connaît rien de tel</translation>
    </message>
    <message>
      <source>this server has nothing like {asked}</source>
      <translation>ce serveur ne connaît pas {asked}</translation>
    </message>
    <message>
      <source>this server has one room only</source>
      <translation>ce serveur n’a qu’un salon</translation>
    </message>
    <message>
      <source>this server is behind the others</source>
      <translation>ce serveur est en retard sur les autres</translation>
    </message>
    <message>
      <source>this server lets in only who has an account: choose a password for {name}</source>
      <translation>ce serveur ne laisse entrer que ceux qui ont un compte : choisissez un mot de passe pour {name}</translation>
    </message>
    <message>
      <source>this server lets in only who has an account; ask whoever runs it for one</source>
      <translation>ce serveur n’admet que ceux qui ont un compte ; demandez-en un à qui le gère</translation>
    </message>
    <message>
      <source>this server passes on no files</source>
      <translation>ce serveur ne transmet pas de fichiers</translation>
    </message>
    <message>
      <source>this server would take that for a command</source>
      <translation>ce serveur prendrait cela pour une commande</translation>
    </message>
    <message>
      <source>this ticket is good for no connection (any more)</source>
      <translation>ce ticket ne vaut (plus) pour aucune connexion</translation>
    </message>
    <message>
      <source>this user has no home directory for keys and known servers; name a directory with --state-dir, or in CHATCORE_STATE_DIR</source>
      <translation>cet utilisateur n’a pas de répertoire personnel pour les clés et les serveurs connus ; nommez un répertoire avec --state-dir, ou dans CHATCORE_STATE_DIR</translation>
    </message>
    <message>
      <source>this user may not listen on port {port}; choose one above 1023 with --port or --listen</source>
      <translation>cet utilisateur n’a pas le droit d’écouter sur le port {port} ; choisissez-en un au-dessus de 1023 avec --port ou --listen</translation>
    </message>
    <message>
      <source>this was written by a newer chatcore (records of version {found}, this one knows {known}); upgrade it</source>
      <translation>ceci a été écrit par un chatcore plus récent (enregistrements de version {found}, celui-ci connaît la {known}) ; mettez-le à jour</translation>
    </message>
    <message>
      <source>too many files are on offer here; try again later</source>
      <translation>trop de fichiers sont proposés ici ; réessayez plus tard</translation>
    </message>
    <message>
      <source>too many files at once</source>
      <translation>trop de fichiers à la fois</translation>
    </message>
    <message>
      <source>too many files of your network address are on offer; try again later</source>
      <translation>trop de fichiers sont proposés depuis votre adresse réseau ; réessayez plus tard</translation>
    </message>
    <message>
      <source>too many fragments</source>
      <translation>trop de fragments</translation>
    </message>
    <message>
      <source>too many pings and pongs</source>
      <translation>trop de pings et de pongs</translation>
    </message>
    <message>
      <source>too many streams</source>
      <translation>trop de flux</translation>
    </message>
    <message>
      <source>too many users are banned or muted in {room}; let some in again first</source>
      <translation>trop d’utilisateurs sont bannis ou muets dans {room} ; réadmettez-en d’abord quelques-uns</translation>
    </message>
    <message>
      <source>too many wrong passwords came from your network address; try again in {seconds} s</source>
      <translation>trop de mots de passe incorrects sont venus de votre adresse réseau ; réessayez dans {seconds} s</translation>
    </message>
    <message>
      <source>too many wrong passwords came from your network address; try again later</source>
      <translation>trop de mots de passe incorrects sont venus de votre adresse réseau ; réessayez plus tard</translation>
    </message>
    <message>
      <source>too much at once</source>
      <translation>trop de choses à la fois</translation>
    </message>
    <message>
      <source>turn a file down</source>
      <translation>refuser un fichier</translation>
    </message>
    <message>
      <source>unable to get local issuer certificate</source>
      <translation>l’autorité qui l’a signé est inconnue</translation>
    </message>
    <message>
      <source>what arrived is not what was offered</source>
      <translation>ce qui est arrivé n’est pas ce qui était proposé</translation>
    </message>
    <message>
      <source>what arrived is not what was offered; it was deleted</source>
      <translation>ce qui est arrivé n’est pas ce qui était proposé ; c’est effacé</translation>
    </message>
    <message>
      <source>what came was broken</source>
      <translation>ce qui est arrivé était abîmé</translation>
    </message>
    <message>
      <source>what came was broken ({why})</source>
      <translation>ce qui est arrivé était abîmé ({why})</translation>
    </message>
    <message>
      <source>what had come into {folder} so far was moved or removed</source>
      <translation>ce qui était déjà arrivé dans {folder} a été déplacé ou supprimé</translation>
    </message>
    <message>
      <source>what was kept of the chat is of a newer version of chatcore; install that one</source>
      <translation>ce qui a été conservé du chat vient d’une version plus récente de chatcore ; installez celle-ci</translation>
    </message>
    <message>
      <source>what was said may be lost: {why}</source>
      <translation>ce qui a été dit peut se perdre : {why}</translation>
    </message>
    <message>
      <source>without passwords or authenticate, there are no accounts</source>
      <translation>sans passwords ni authenticate, il n’y a pas de comptes</translation>
    </message>
    <message>
      <source>write 0.0.0.0 for every address of this computer instead of *, or :: for IPv6</source>
      <translation>écrivez 0.0.0.0 pour toutes les adresses de cet ordinateur au lieu de *, ou :: pour IPv6</translation>
    </message>
    <message>
      <source>you are a moderator here: /topic, /kick, /mute and /ban are for you</source>
      <translation>vous êtes modérateur ici : /topic, /kick, /mute et /ban sont pour vous</translation>
    </message>
    <message>
      <source>you are an operator here: /topic, /op, /kick, /mute and /ban are for you</source>
      <translation>vous êtes opérateur ici : /topic, /op, /kick, /mute et /ban sont pour vous</translation>
    </message>
    <message>
      <source>you are asking for too much at once</source>
      <translation>vous demandez trop de choses à la fois</translation>
    </message>
    <message>
      <source>you are banned</source>
      <translation>vous êtes banni</translation>
    </message>
    <message>
      <source>you are banned from {room}</source>
      <translation>vous êtes banni de {room}</translation>
    </message>
    <message>
      <source>you are banned from {room} for another {days} days</source>
      <translation>vous êtes banni de {room} pour encore {days} jours</translation>
    </message>
    <message>
      <source>you are banned from {room} for another {hours} h</source>
      <translation>vous êtes banni de {room} pour encore {hours} h</translation>
    </message>
    <message>
      <source>you are banned from {room} for another {minutes} min</source>
      <translation>vous êtes banni de {room} pour encore {minutes} min</translation>
    </message>
    <message>
      <source>you are in {room}, not in {name}</source>
      <translation>vous êtes dans {room}, pas dans {name}</translation>
    </message>
    <message>
      <source>you are logged in already</source>
      <translation>vous êtes déjà identifié</translation>
    </message>
    <message>
      <source>you are logged in as {name}</source>
      <translation>vous êtes déjà {name} ici</translation>
    </message>
    <message>
      <source>you are not in that room any more</source>
      <translation>vous n’êtes plus dans ce salon</translation>
    </message>
    <message>
      <source>you are writing too fast</source>
      <translation>vous écrivez trop vite</translation>
    </message>
    <message>
      <source>you are {name} already; log in anew to be somebody else</source>
      <translation>vous êtes déjà {name} ; reconnectez-vous pour être quelqu’un d’autre</translation>
    </message>
    <message>
      <source>you connected from somewhere else</source>
      <translation>vous vous êtes connecté d’ailleurs</translation>
    </message>
    <message>
      <source>you have to wait before you say more here</source>
      <translation>vous devez attendre avant d’en dire plus ici</translation>
    </message>
    <message>
      <source>you may have {file_offers} files on offer at a time</source>
      <translation>vous pouvez proposer {file_offers} fichiers à la fois</translation>
    </message>
    <message>
      <source>you may have {file_transfers} files on their way at a time</source>
      <translation>vous pouvez avoir {file_transfers} fichiers en route à la fois</translation>
    </message>
    <message>
      <source>you may not do that here</source>
      <translation>vous n’avez pas le droit de faire cela ici</translation>
    </message>
    <message>
      <source>you may not speak here</source>
      <translation>vous ne pouvez pas écrire ici</translation>
    </message>
    <message>
      <source>you may not speak in {room}</source>
      <translation>vous ne pouvez pas écrire dans {room}</translation>
    </message>
    <message>
      <source>you may not speak in {room} for another {days} days</source>
      <translation>vous ne pouvez pas écrire dans {room} pendant encore {days} jours</translation>
    </message>
    <message>
      <source>you may not speak in {room} for another {hours} h</source>
      <translation>vous ne pouvez pas écrire dans {room} pendant encore {hours} h</translation>
    </message>
    <message>
      <source>you may not speak in {room} for another {minutes} min</source>
      <translation>vous ne pouvez pas écrire dans {room} pendant encore {minutes} min</translation>
    </message>
    <message>
      <source>you may only listen here</source>
      <translation>vous pouvez seulement écouter ici</translation>
    </message>
    <message>
      <source>you may own {rooms} rooms at a time; close one first</source>
      <translation>vous pouvez posséder {rooms} salons à la fois ; fermez-en d’abord un</translation>
    </message>
    <message>
      <source>you own as many rooms as you may</source>
      <translation>vous possédez autant de salons que permis</translation>
    </message>
    <message>
      <source>your account has another password now; log in with that one</source>
      <translation>votre compte a maintenant un autre mot de passe ; connectez-vous avec celui-ci</translation>
    </message>
    <message>
      <source>your account was removed: the name belongs to nobody any more</source>
      <translation>votre compte a été supprimé : le nom n’est plus à personne</translation>
    </message>
    <message>
      <source>{address} is not the address of a server; write it like 192.168.1.5, example.org:8765 or ws://example.org:8765</source>
      <translation>{address} n’est pas l’adresse d’un serveur ; écrivez par exemple 192.168.1.5, example.org:8765 ou ws://example.org:8765</translation>
    </message>
    <message>
      <source>{by} banned {target} from {room}</source>
      <translation>{by} a banni {target} de {room}</translation>
    </message>
    <message>
      <source>{by} banned {target} from {room} (nobody is called that now; it is for whoever will be)</source>
      <translation>{by} a banni {target} de {room} (personne ne s’appelle ainsi pour l’instant ; cela vaut pour qui prendra ce nom)</translation>
    </message>
    <message>
      <source>{by} changed a message: {text}</source>
      <translation>{by} a changé un message : {text}</translation>
    </message>
    <message>
      <source>{by} changed the topic of {room}: {value}</source>
      <translation>{by} a changé le sujet de {room} : {value}</translation>
    </message>
    <message>
      <source>{by} closed {room}</source>
      <translation>{by} a fermé {room}</translation>
    </message>
    <message>
      <source>{by} deleted a message</source>
      <translation>{by} a supprimé un message</translation>
    </message>
    <message>
      <source>{by} deleted a message of {target}</source>
      <translation>{by} a supprimé un message de {target}</translation>
    </message>
    <message>
      <source>{by} gave the account {target} a password</source>
      <translation>{by} a donné un mot de passe au compte {target}</translation>
    </message>
    <message>
      <source>{by} had the settings and certificates read again</source>
      <translation>{by} a fait relire les réglages et les certificats</translation>
    </message>
    <message>
      <source>{by} invites {target} to {room}</source>
      <translation>{by} invite {target} dans {room}</translation>
    </message>
    <message>
      <source>{by} is an operator from now on</source>
      <translation>{by} est désormais opérateur</translation>
    </message>
    <message>
      <source>{by} let the name {target} belong to nobody any more</source>
      <translation>{by} a libéré le nom {target}</translation>
    </message>
    <message>
      <source>{by} lets everybody in {room} wait for {value} s between two messages</source>
      <translation>{by} fait attendre chacun {value} s entre deux messages dans {room}</translation>
    </message>
    <message>
      <source>{by} lets everybody in {room} write as they like</source>
      <translation>{by} laisse chacun écrire à sa guise dans {room}</translation>
    </message>
    <message>
      <source>{by} lets the server end</source>
      <translation>{by} fait arrêter le serveur</translation>
    </message>
    <message>
      <source>{by} lets {target} into {room} again</source>
      <translation>{by} laisse {target} revenir dans {room}</translation>
    </message>
    <message>
      <source>{by} lets {target} speak in {room} again</source>
      <translation>{by} laisse {target} écrire de nouveau dans {room}</translation>
    </message>
    <message>
      <source>{by} made invitation {value} to {room}, for one login</source>
      <translation>{by} a créé l’invitation {value} au salon {room}, pour une connexion</translation>
    </message>
    <message>
      <source>{by} made invitation {value} to {room}, for {text} logins</source>
      <translation>{by} a créé l’invitation {value} au salon {room}, pour {text} connexions</translation>
    </message>
    <message>
      <source>{by} made invitation {value}, for one login</source>
      <translation>{by} a créé l’invitation {value}, pour une connexion</translation>
    </message>
    <message>
      <source>{by} made invitation {value}, for {text} logins</source>
      <translation>{by} a créé l’invitation {value}, pour {text} connexions</translation>
    </message>
    <message>
      <source>{by} made {room} private: only who is invited gets in</source>
      <translation>{by} a rendu {room} privé : seuls les invités y entrent</translation>
    </message>
    <message>
      <source>{by} muted {target} in {room}</source>
      <translation>{by} a rendu {target} muet dans {room}</translation>
    </message>
    <message>
      <source>{by} muted {target} in {room} (nobody is called that now; it is for whoever will be)</source>
      <translation>{by} a rendu {target} muet dans {room} (personne ne s’appelle ainsi pour l’instant ; cela vaut pour qui prendra ce nom)</translation>
    </message>
    <message>
      <source>{by} opened {room} to everybody</source>
      <translation>{by} a ouvert {room} à tous</translation>
    </message>
    <message>
      <source>{by} put {target} out of {room}</source>
      <translation>{by} a exclu {target} de {room}</translation>
    </message>
    <message>
      <source>{by} said to everyone: {text}</source>
      <translation>{by} a dit à tous : {text}</translation>
    </message>
    <message>
      <source>{by} took a ban of {target} from {room} back, but another one holds</source>
      <translation>{by} a levé un bannissement de {target} dans {room}, mais un autre tient</translation>
    </message>
    <message>
      <source>{by} took a mute of {target} in {room} back, but another one holds</source>
      <translation>{by} a rendu la parole à {target} dans {room}, mais quelqu’un d’autre la lui a retirée aussi</translation>
    </message>
    <message>
      <source>{by} took invitation {value} back</source>
      <translation>{by} a retiré l’invitation {value}</translation>
    </message>
    <message>
      <source>{by} took the topic of {room} away</source>
      <translation>{by} a retiré le sujet de {room}</translation>
    </message>
    <message>
      <source>{file} is in {encoding}; save it as UTF-8</source>
      <translation>{file} est en {encoding} ; enregistrez-le en UTF-8</translation>
    </message>
    <message>
      <source>{file} is not in UTF-8; save it as UTF-8</source>
      <translation>{file} n’est pas en UTF-8 ; enregistrez-le en UTF-8</translation>
    </message>
    <message>
      <source>{given} is not a fingerprint: 64 hexadecimal digits, with or without colons</source>
      <translation>{given} n’est pas une empreinte : 64 chiffres hexadécimaux, avec ou sans deux-points</translation>
    </message>
    <message>
      <source>{host} is an address on each network of this machine; say on which one, like [{host}%eth0]</source>
      <translation>{host} est une adresse sur chaque réseau de cette machine ; dites sur lequel, comme [{host}%eth0]</translation>
    </message>
    <message>
      <source>{host} is an address on each network of this machine; say on which one, like {host}%eth0</source>
      <translation>{host} est une adresse sur chaque réseau de cette machine ; dites sur lequel, comme {host}%eth0</translation>
    </message>
    <message>
      <source>{host} is not an address of this machine; choose another one with --host or --listen</source>
      <translation>{host} n’est pas une adresse de cette machine ; choisissez-en une autre avec --host ou --listen</translation>
    </message>
    <message>
      <source>{name!r} is no name of a room: 1 to 32 letters of one script, digits, _ or -</source>
      <translation>{name!r} n’est pas un nom de salon : 1 à 32 lettres d’une seule écriture, chiffres, _ ou -</translation>
    </message>
    <message>
      <source>{name!r} is no name of an account: 2 to 32 letters of one script, digits, _ or -</source>
      <translation>{name!r} n’est pas un nom de compte : 2 à 32 lettres d’une même écriture, chiffres, _ ou -</translation>
    </message>
    <message>
      <source>{name} and {other} in the retention's rooms are one room</source>
      <translation>{name} et {other} dans les salons de retention sont un seul salon</translation>
    </message>
    <message>
      <source>{name} cannot be put into {folder}: {why}</source>
      <translation>{name} ne peut pas être mis dans {folder} : {why}</translation>
    </message>
    <message>
      <source>{name} has left</source>
      <translation>{name} est parti</translation>
    </message>
    <message>
      <source>{name} has {file_transfers} files on their way already; try again later</source>
      <translation>{name} a déjà {file_transfers} fichiers en route ; réessayez plus tard</translation>
    </message>
    <message>
      <source>{name} is a moderator there</source>
      <translation>{name} y est modérateur</translation>
    </message>
    <message>
      <source>{name} is an operator of this server</source>
      <translation>{name} est opérateur de ce serveur</translation>
    </message>
    <message>
      <source>{name} is away, and {messages} messages from you or your network wait there: others may still write</source>
      <translation>{name} est absent, et {messages} messages de vous ou de votre réseau y attendent : d’autres peuvent encore écrire</translation>
    </message>
    <message>
      <source>{name} is away, and {messages} messages wait there already</source>
      <translation>{name} est absent, et {messages} messages l’attendent déjà</translation>
    </message>
    <message>
      <source>{name} is held by what was done to {other}: take that back</source>
      <translation>ce qui retient {name} a été fait à {other} : revenez là-dessus</translation>
    </message>
    <message>
      <source>{name} is not banned</source>
      <translation>{name} n’est pas banni</translation>
    </message>
    <message>
      <source>{name} is not in {room}</source>
      <translation>{name} n’est pas dans {room}</translation>
    </message>
    <message>
      <source>{name} may only listen there</source>
      <translation>{name} peut seulement y écouter</translation>
    </message>
    <message>
      <source>{name} may own {rooms} rooms at a time, and would own more with yours; close or give away some first</source>
      <translation>{name} peut posséder {rooms} salons à la fois, et en aurait davantage avec les vôtres ; fermez-en ou donnez-en d’abord quelques-uns</translation>
    </message>
    <message>
      <source>{name} may speak already</source>
      <translation>{name} peut déjà écrire</translation>
    </message>
    <message>
      <source>{name} owns that room</source>
      <translation>ce salon appartient à {name}</translation>
    </message>
    <message>
      <source>{name} owns {rooms} rooms already, and may not own more</source>
      <translation>{name} a déjà {rooms} salons, et ne peut pas en avoir plus</translation>
    </message>
    <message>
      <source>{network} is not a network address, like 192.0.2.7, or a network, like 192.168.0.0/16 or fd00::/8</source>
      <translation>{network} n’est ni une adresse réseau, comme 192.0.2.7, ni un réseau, comme 192.168.0.0/16 ou fd00::/8</translation>
    </message>
    <message>
      <source>{network} is not the address of a proxy, like 127.0.0.1, or a network of them, like 10.0.0.0/8</source>
      <translation>{network} n’est ni l’adresse d’un mandataire, comme 127.0.0.1, ni un réseau de mandataires, comme 10.0.0.0/8</translation>
    </message>
    <message>
      <source>{number} B</source>
      <translation>{number} o</translation>
    </message>
    <message>
      <source>{number} GB</source>
      <translation>{number} Go</translation>
    </message>
    <message>
      <source>{number} MB</source>
      <translation>{number} Mo</translation>
    </message>
    <message>
      <source>{number} TB</source>
      <translation>{number} To</translation>
    </message>
    <message>
      <source>{number} kB</source>
      <translation>{number} ko</translation>
    </message>
    <message>
      <source>{one} or {other}</source>
      <translation>{one} ou {other}</translation>
    </message>
    <message>
      <source>{origin} is not the origin of web pages, like https://chat.example.org</source>
      <translation>{origin} n’est pas une origine de pages web, comme https://chat.example.org</translation>
    </message>
    <message>
      <source>{part} in the link is no path: it begins with a slash</source>
      <translation>{part}, dans le lien, n’est pas un chemin : il commence par une barre oblique</translation>
    </message>
    <message>
      <source>{part} in the link is no way to a chat, only {names} are</source>
      <translation>{part}, dans le lien, ne mène à aucun chat ; seuls {names} y mènent</translation>
    </message>
    <message>
      <source>{part} stands in the link and is no invitation</source>
      <translation>{part} figure dans le lien et n’est pas une invitation</translation>
    </message>
    <message>
      <source>{part} stands twice in the link</source>
      <translation>{part} figure deux fois dans le lien</translation>
    </message>
    <message>
      <source>{path} cannot be read: {why}</source>
      <translation>{path} ne peut pas être lu : {why}</translation>
    </message>
    <message>
      <source>{path} cannot be removed: {why}</source>
      <translation>{path} ne peut pas être supprimé : {why}</translation>
    </message>
    <message>
      <source>{path} cannot be written: {why}</source>
      <translation>{path} ne peut pas être écrit : {why}</translation>
    </message>
    <message>
      <source>{path} does not tell its size, and has no end in sight</source>
      <translation>{path} ne dit pas sa taille, et sa fin n’est pas en vue</translation>
    </message>
    <message>
      <source>{path} is in the way; remove it</source>
      <translation>{path} gêne ; supprimez-le</translation>
    </message>
    <message>
      <source>{path} is not a PEM file with certificates to trust</source>
      <translation>{path} n’est pas un fichier PEM de certificats de confiance</translation>
    </message>
    <message>
      <source>{path} is not a file</source>
      <translation>{path} n’est pas un fichier</translation>
    </message>
    <message>
      <source>{path} is not a folder, and files cannot come into it</source>
      <translation>{path} n’est pas un dossier, et aucun fichier ne peut y arriver</translation>
    </message>
    <message>
      <source>{place} answered {answer} instead of opening a WebSocket</source>
      <translation>{place} a répondu {answer} au lieu d’ouvrir un WebSocket</translation>
    </message>
    <message>
      <source>{place} answered {answer} instead of opening a WebSocket: {why}</source>
      <translation>{place} a répondu {answer} au lieu d’ouvrir un WebSocket : {why}</translation>
    </message>
    <message>
      <source>{place} answered {answer} instead of opening a WebSocket; if it is encrypted, use wss:// or chat://</source>
      <translation>{place} a répondu {answer} au lieu d’ouvrir un WebSocket ; s’il est chiffré, utilisez wss:// ou chat://</translation>
    </message>
    <message>
      <source>{place} answered {answer} instead of opening a WebSocket; it names another address: {url}</source>
      <translation>{place} a répondu {answer} au lieu d’ouvrir un WebSocket ; il indique une autre adresse : {url}</translation>
    </message>
    <message>
      <source>{place} answered {answer} instead of opening a WebTransport session</source>
      <translation>{place} a répondu {answer} au lieu d’ouvrir une session WebTransport</translation>
    </message>
    <message>
      <source>{place} answered {answer} instead of opening a WebTransport session: {why}</source>
      <translation>{place} a répondu {answer} au lieu d’ouvrir une session WebTransport : {why}</translation>
    </message>
    <message>
      <source>{place} did not answer in time</source>
      <translation>{place} n’a pas répondu à temps</translation>
    </message>
    <message>
      <source>{place} does not know this connection any more: it was started anew, or had given it up</source>
      <translation>{place} ne connaît plus cette connexion : il a redémarré, ou l’avait abandonnée</translation>
    </message>
    <message>
      <source>{place} does not speak TLS as expected ({why}); is it a WebTransport server?</source>
      <translation>{place} ne parle pas TLS comme prévu ({why}) ; est-ce un serveur WebTransport ?</translation>
    </message>
    <message>
      <source>{place} does not speak TLS as expected ({why}); is it a wss:// server?</source>
      <translation>{place} ne parle pas TLS comme prévu ({why}) ; est-ce un serveur wss:// ?</translation>
    </message>
    <message>
      <source>{place} does not speak WebSocket</source>
      <translation>{place} ne parle pas WebSocket</translation>
    </message>
    <message>
      <source>{place} does not speak this version of QUIC</source>
      <translation>{place} ne parle pas cette version de QUIC</translation>
    </message>
    <message>
      <source>{place} hung up at once</source>
      <translation>{place} a raccroché aussitôt</translation>
    </message>
    <message>
      <source>{place} hung up before it opened a WebSocket; if it is encrypted, use wss:// or chat://</source>
      <translation>{place} a raccroché avant d’ouvrir un WebSocket ; s’il est chiffré, prenez wss:// ou chat://</translation>
    </message>
    <message>
      <source>{place} hung up before it opened a WebSocket; is it a WebSocket server?</source>
      <translation>{place} a raccroché avant d’ouvrir un WebSocket ; est-ce un serveur WebSocket ?</translation>
    </message>
    <message>
      <source>{place} hung up before it opened a WebSocket; is it a wss:// server?</source>
      <translation>{place} a raccroché avant d’ouvrir un WebSocket ; est-ce un serveur wss:// ?</translation>
    </message>
    <message>
      <source>{place} hung up before it opened a WebTransport session; is it a WebTransport server?</source>
      <translation>{place} a raccroché avant d’ouvrir une session WebTransport ; est-ce un serveur WebTransport ?</translation>
    </message>
    <message>
      <source>{place} refused the connection</source>
      <translation>{place} a refusé la connexion</translation>
    </message>
    <message>
      <source>{place} refused the connection: {why}</source>
      <translation>{place} a refusé la connexion : {why}</translation>
    </message>
    <message>
      <source>{port} is not a port; choose one between 1 and 65535 with --port or --listen, or 0 for any</source>
      <translation>{port} n’est pas un port ; choisissez-en un entre 1 et 65535 avec --port ou --listen, ou 0 pour n’importe lequel</translation>
    </message>
    <message>
      <source>{problem}; did you mean {close!r}?</source>
      <translation>{problem} ; vouliez-vous dire {close!r} ?</translation>
    </message>
    <message>
      <source>{problem}; to install it: {command}</source>
      <translation>{problem} ; pour l’installer : {command}</translation>
    </message>
    <message>
      <source>{room} is always there</source>
      <translation>{room} est toujours là</translation>
    </message>
    <message>
      <source>{room} is private: somebody who looks after it has to invite you</source>
      <translation>{room} est privé : quelqu’un qui y veille doit vous inviter</translation>
    </message>
    <message>
      <source>{target} is a moderator of {room} now</source>
      <translation>{target} est maintenant modérateur de {room}</translation>
    </message>
    <message>
      <source>{target} is an ordinary member of {room} now</source>
      <translation>{target} est maintenant simple membre de {room}</translation>
    </message>
    <message>
      <source>{target} is banned, by {by}</source>
      <translation>{target} est banni, par {by}</translation>
    </message>
    <message>
      <source>{target} is muted, by {by}</source>
      <translation>{target} est muet, par {by}</translation>
    </message>
    <message>
      <source>{target} is no operator any more, by the settings</source>
      <translation>{target} n’est plus opérateur, par les réglages</translation>
    </message>
    <message>
      <source>{target} owns {room} now</source>
      <translation>{room} appartient maintenant à {target}</translation>
    </message>
    <message>
      <source>{url!r} is not an address on a network in memory</source>
      <translation>{url!r} n’est pas une adresse d’un réseau en mémoire</translation>
    </message>
    <message>
      <source>{url!r} is not an address that can be connected to; it begins with {schemes}</source>
      <translation>{url!r} n’est pas une adresse où se connecter ; elle commence par {schemes}</translation>
    </message>
    <message>
      <source>{url} did not answer the login within {seconds} s; is it a chat server?</source>
      <translation>{url} n’a pas répondu à la connexion en {seconds} s ; est-ce un serveur de tchat ?</translation>
    </message>
    <message>
      <source>{url} has no login: {name} is no chat</source>
      <translation>{url} n’a pas de connexion d’utilisateur : {name} n’est pas un tchat</translation>
    </message>
    <message>
      <source>{url} is not encrypted, so nothing there can be recognised by its fingerprint; use wss:// or quic://</source>
      <translation>{url} n’est pas chiffrée, donc rien ne peut y être reconnu à son empreinte ; utilisez wss:// ou quic://</translation>
    </message>
    <message>
      <source>{url} is not the address of a QUIC server, like {like}</source>
      <translation>{url} n’est pas l’adresse d’un serveur QUIC, comme {like}</translation>
    </message>
    <message>
      <source>{url} is not the address of a TCP server, like {like}</source>
      <translation>{url} n’est pas l’adresse d’un serveur TCP, comme {like}</translation>
    </message>
    <message>
      <source>{url} is not the address of a WebSocket server, like {like}</source>
      <translation>{url} n’est pas l’adresse d’un serveur WebSocket, comme {like}</translation>
    </message>
    <message>
      <source>{url} is not the address of a WebSocket, like {like}</source>
      <translation>{url} n’est pas l’adresse d’un WebSocket, comme {like}</translation>
    </message>
    <message>
      <source>{url} is not the address of a server, like {like}</source>
      <translation>{url} n’est pas l’adresse d’un serveur, comme {like}</translation>
    </message>
    <message>
      <source>{url}: {why}</source>
      <translation>{url} : {why}</translation>
    </message>
    <message>
      <source>{what}, until {until}</source>
      <translation>{what}, jusqu’au {until}</translation>
    </message>
    <message>
      <source>{what}: {why}</source>
      <translation>{what} : {why}</translation>
    </message>
    <message>
      <source>{whole}.{tenths}</source>
      <translation>{whole},{tenths}</translation>
    </message>
  </context>
</TS>