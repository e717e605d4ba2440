"""What is held about a client: handed out to them (K4), and taken away when they ask (K4, D6)."""
