"""Files on their way through a node: where their bytes go, and how fast. Who may send what is the chat's to say."""
