"""The demo business that a first start seeds: a small photography and design studio, as its owner would describe it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoWorkspace:
    """The profile of the demo business; each field is one of the workspace's."""

    handle: str
    name: str
    public_name: str
    subtitle: str
    description: str
    business_type: str
    tone: str
    language: str
    timezone: str
    greeting: str
    suggested_questions: tuple[str, ...]
    instructions: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoService:
    """A service of the demo business: `price` is a decimal number as text, in `currency` (ISO 4217)."""

    name: str
    description: str
    format: str
    duration_minutes: int
    price: str
    currency: str = "EUR"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoConnector:
    """Where the demo business is booked."""

    type: str
    config: Mapping[str, str]


DEMO_WORKSPACE = DemoWorkspace(
    handle="harbour-studio",
    name="Harbour Studio",
    public_name="Harbour Studio",
    subtitle="Photography and design by the sea",
    description="Portraits, families, products and brands, from a small studio on the old harbour of Cascais.",
    business_type="business",
    tone="friendly",
    language="en",
    timezone="Europe/Lisbon",
    greeting="Hello, this is Harbour Studio. Ask me about our sessions, prices or how to find us.",
    suggested_questions=(
        "What does a consultation cost?",
        "When are you open?",
        "Can I bring my dog?",
        "I would like to book a portrait session.",
    ),
    instructions=(
        "Answer as a member of the studio, in two or three sentences. Suggest a consultation to whoever is not sure "
        "which session to choose. Promise neither discounts nor dates: bookings are made on the booking page."
    ),
)

DEMO_SERVICES = (
    DemoService(
        name="Consultation",
        description="We talk about what you have in mind, look at examples together and plan the next steps.",
        format="online",
        duration_minutes=45,
        price="60.00",
    ),
    DemoService(
        name="Portrait session",
        description="One person, two outfits and twelve retouched photos, for applications, profiles or yourself.",
        format="in_person",
        duration_minutes=90,
        price="180.00",
    ),
    DemoService(
        name="Family session",
        description="Up to six people in the studio or on the beach, with twenty retouched photos.",
        format="in_person",
        duration_minutes=120,
        price="240.00",
    ),
    DemoService(
        name="Brand workshop",
        description="Half a day in which your team finds the look, the words and the pictures of its brand.",
        format="in_person",
        duration_minutes=240,
        price="950.00",
    ),
    DemoService(
        name="Photo review",
        description="Send us ten of your own pictures and we go through them with you by telephone.",
        format="phone",
        duration_minutes=30,
        price="35.00",
    ),
)

DEMO_CONNECTOR = DemoConnector(
    type="calendly", config=MappingProxyType({"url": "https://calendly.com/harbour-studio/consultation"})
)

DEMO_KNOWLEDGE = """\
# Harbour Studio

## About us

Harbour Studio is a small photography and design studio on the old harbour of Cascais, Portugal. Marta Lopes takes the
photos, Tom Brandt designs, and Inês Rocha keeps the calendar and answers the telephone. We opened in 2014 and have
worked with more than 400 families, makers and small companies since. We speak English, Portuguese and German.

## Opening hours

We are open Tuesday to Friday from 9 a.m. to 6 p.m. and Saturday from 10 a.m. to 4 p.m. The studio is closed on Sundays,
Mondays and public holidays. Our summer holiday is from 1 to 15 August. Evening sessions after 6 p.m. are possible on
request, for an extra 40 €.

## Prices

All prices include 23 % VAT.

- A consultation costs 60 € and takes 45 minutes. We deduct the fee when you book a session within 30 days.
- A portrait session costs 180 € and takes 90 minutes, with twelve retouched photos included.
- A family session costs 240 € for up to six people, with twenty retouched photos. Each further person is 20 €.
- A brand workshop costs 950 € for half a day.
- Product photography starts at 35 € per item.

Additional retouched photos cost 12 € each. Students and people over 65 get 15 % off portrait sessions.

## Booking

You can book online on our booking page or by telephone. Please book at least two weeks ahead, in May, June and December
rather four weeks. We confirm each booking by e-mail within one working day. For sessions and workshops we ask for a
deposit of 30 %, which is deducted from the final bill.

## Cancellations and changes

You can cancel or move an appointment free of charge up to 48 hours before it begins. After that we keep the deposit. If
you do not show up and did not tell us, the full price is due. If you are late, the session still ends at the planned
time. If we have to cancel, you choose between a new date and a full refund. If it rains on the day of an outdoor
session, we move it at no cost.

## Payment

We take cash, MB WAY, bank transfer, and debit and credit cards by Visa and Mastercard. American Express is not
accepted. Invoices to companies are payable within 14 days. Workshops can be paid in two instalments.

## Getting here

We are located at Rua das Gaivotas 14, 2750-642 Cascais, which is our postal address too. Take the train from Cais do
Sodré in Lisbon to Cascais; it runs every 20 minutes and takes about 40 minutes. From the station it is an eight-minute
walk along the water. The entrance is the blue door next to the bakery: ring at "Harbour Studio".

## Parking

We have no parking spaces of our own. The public car park at the marina is 200 metres away and costs 1.50 € per hour.
You can leave bicycles in our courtyard.

## Accessibility

The studio is accessible by wheelchair: there are no steps at the door, and a lift goes up to our floor. The toilet is
accessible too. Please tell us beforehand if you need a sign language interpreter.

## Children and pets

Children are welcome, and there are toys and a changing table. Children under twelve cannot come alone; an adult stays
with them. Well-behaved dogs may come along to portrait and family sessions. Please ask us before you bring other
animals.

## What to wear and bring

Bring two or three outfits in calm colours, without large logos. There is a changing room with an iron and a mirror. If
you wear glasses, bring them clean. A make-up artist comes to the studio for 70 €.

## Delivery of your photos

Your preview gallery is ready within five working days. You choose your favourites, and we deliver the retouched photos
within two weeks of your choice. Express delivery within 48 hours costs 90 €. You can download your gallery for twelve
months. We do not give out raw files. We keep the originals for two years. Framed prints start at 18 €.

## Usage rights

You may use your photos privately as you like. Companies may use them on their website and on social media without
limit; advertising needs a licence, which we gladly quote. We publish your pictures on the internet only with your
written consent.

## Brand workshops

Up to eight people can join a workshop. It runs from 9 a.m. to 1 p.m., with coffee and lunch included. You leave with a
mood board, a colour palette and a plan for your photos. We also hold workshops in your own rooms, anywhere within
50 kilometres of Lisbon.

## Studio rental

Photographers can rent the studio for 45 € per hour, two hours at least. Lights, stands and three paper backgrounds are
included.

## Gift vouchers

We sell gift vouchers from 50 €, by e-mail or on paper. A voucher is valid for three years. Vouchers cannot be exchanged
for cash.

## Privacy

We use your data only to handle your booking and never sell it. Write to privacy@harbour-studio.example and we delete
your data within a week.

## Contact

Our phone number is +351 21 555 0142; we answer during opening hours. Our email address is hello@harbour-studio.example,
and we reply within one working day. On Instagram we are @harbour.studio.
"""
"""What the demo business knows, as its owner would write it."""
