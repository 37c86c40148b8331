"""Mail that arrives: the signed addresses of answers, the mailbox on its server, and what is read out of a message."""
