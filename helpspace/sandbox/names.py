"""Names for sample people by the thousand, from everywhere that people in the UK come from."""

from __future__ import annotations

import unicodedata

FIRST_NAMES = (
    "Aaliyah", "Adam", "Adaeze", "Agnieszka", "Aisha", "Alice", "Amelia", "Andrew", "Aoife",
    "Arjun", "Ayşe", "Beatriz", "Ben", "Bronwen", "Carys", "Catherine", "Charlotte", "Chen",
    "Chloë", "Conor", "Daniel", "David", "Deepa", "Edward", "Efua", "Eilidh", "Elena", "Emily",
    "Fatima", "Fergus", "Fiona", "François", "George", "Grace", "Hamish", "Hannah", "Harriet",
    "Hassan", "Helen", "Ifeoma", "Imogen", "Isla", "Ivan", "Jack", "James", "Jasmine", "Joanna",
    "José", "Kaveh", "Kwame", "Laura", "Leila", "Lewis", "Lucy", "Łukasz", "Maeve", "Magda",
    "Marcus", "Maryam", "Megan", "Mehmet", "Mei", "Mohammed", "Nadia", "Naomi", "Niamh", "Noor",
    "Oliver", "Olu", "Oscar", "Owen", "Patrick", "Poppy", "Rahul", "Rebecca", "Rhys", "Rosa",
    "Ruth", "Saoirse", "Sarah", "Siân", "Simon", "Sinéad", "Sophie", "Stephen", "Suresh",
    "Tamara", "Thomas", "Uchenna", "Victoria", "William", "Xin", "Yasmin", "Yusuf", "Zainab",
    "Zoë",
)  # fmt: skip
LAST_NAMES = (
    "Adams", "Ahmed", "Akhtar", "Allen", "Anderson", "Bailey", "Begum", "Bennett", "Brown",
    "Campbell", "Carter", "Chowdhury", "Clarke", "Cohen", "Davies", "Diaz", "Evans", "Ferreira",
    "Fraser", "García", "Green", "Griffiths", "Hall", "Harris", "Hughes", "Hussain", "Ibrahim",
    "Jackson", "Johnson", "Jones", "Kaur", "Kelly", "Khan", "King", "Kowalczyk", "Lee", "Lewis",
    "Li", "MacDonald", "Martin", "Mensah", "Miller", "Mitchell", "Moore", "Morgan", "Murphy",
    "Nguyen", "Nwosu", "O'Connor", "O'Neill", "Okafor", "Papadopoulos", "Parker", "Patel",
    "Petrov", "Phillips", "Price", "Quinn", "Rahman", "Reid", "Roberts", "Robinson", "Ross",
    "Santos", "Schmidt", "Scott", "Shah", "Sharma", "Singh", "Smith", "Stewart", "Taylor",
    "Thomas", "Thompson", "Turner", "Walker", "Wang", "Ward", "Watson", "White", "Williams",
    "Wilson", "Wood", "Wright", "Yılmaz", "Young", "Żukowski",
)  # fmt: skip
HEADLINES = (
    "A calm place to think", "Help with worry and low mood", "For people at a crossroads",
    "Working with loss and change", "When the past will not stay past", "Couples and families",
    "Gentle, practical, confidential", "Help with stress at work", "Room to find your words",
    "Long-term work at your own pace", "Short, focused help", "Evenings for busy people",
)  # fmt: skip

_PLAIN_LETTERS = str.maketrans({"ł": "l", "ı": "i", "ø": "o", "ß": "ss", "'": "", " ": "-"})


def address_of(name: str) -> str:
    """Return a name as it stands in an address: "Siân O'Neill" gives "sian-oneill"."""
    parts = unicodedata.normalize("NFKD", name.lower())
    letters = "".join(one for one in parts if not unicodedata.combining(one))
    return letters.translate(_PLAIN_LETTERS)
