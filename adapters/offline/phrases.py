"""What the offline model says by itself, by language (ISO 639-1). All else that it says is quoted."""

from enum import StrEnum

from domain.words import primary


class Phrase(StrEnum):
    """A thing to say; those about booking take `{url}` and `{provider}`, a companion's `{quotes}` or `{text}`."""

    GREETING = "greeting"
    THANKS = "thanks"
    GOODBYE = "goodbye"
    UNKNOWN = "unknown"
    BOOKING = "booking"
    BOOKING_WITH = "booking_with"
    NO_BOOKING = "no_booking"
    PERSON = "person"
    NO_PERSON = "no_person"
    COMPANION_GREETING = "companion_greeting"
    COMPANION_THANKS = "companion_thanks"
    COMPANION_GOODBYE = "companion_goodbye"
    COMPANION_NOTED = "companion_noted"
    COMPANION_UNKNOWN = "companion_unknown"
    COMPANION_TOLD = "companion_told"
    COMPANION_KEPT = "companion_kept"
    COMPANION_DROPPED = "companion_dropped"
    COMPANION_NOTHING_DROPPED = "companion_nothing_dropped"


_PHRASES = {
    "en": {
        Phrase.GREETING: "Hello! What would you like to know?",
        Phrase.THANKS: "You are welcome! Is there anything else you would like to know?",
        Phrase.GOODBYE: "Goodbye, and thank you for your visit!",
        Phrase.UNKNOWN: "I don't know, and I would rather not guess. If you leave a message with your e-mail "
        "address, I can "
        "pass it on so that someone answers you.",
        Phrase.BOOKING: "You can book here: {url}",
        Phrase.BOOKING_WITH: "You can book here, with {provider}: {url}",
        Phrase.NO_BOOKING: "I have no booking link at the moment. If you leave a message with your e-mail address "
        "and the "
        "time that suits you, I can pass it on.",
        Phrase.PERSON: "I have passed this on: someone will answer you here as soon as they can.",
        Phrase.NO_PERSON: "I cannot reach anyone at the moment. If you leave a message with your e-mail address, I "
        "will try "
        "to pass it on.",
        Phrase.COMPANION_GREETING: "Hello! What is on your mind?",
        Phrase.COMPANION_THANKS: "You are welcome!",
        Phrase.COMPANION_GOODBYE: "Goodbye! I will be here.",
        Phrase.COMPANION_NOTED: "Thank you for telling me.",
        Phrase.COMPANION_UNKNOWN: "I don't know that. Tell me, and I will remember it.",
        Phrase.COMPANION_TOLD: "You told me: {quotes}",
        Phrase.COMPANION_KEPT: "I will remember that: “{text}”",
        Phrase.COMPANION_DROPPED: "I have forgotten that: “{text}” You can restore it for 30 days.",
        Phrase.COMPANION_NOTHING_DROPPED: "What am I to forget? Tell me in a few words.",
    },
    "de": {
        Phrase.GREETING: "Guten Tag! Was möchten Sie wissen?",
        Phrase.THANKS: "Gern geschehen! Möchten Sie sonst noch etwas wissen?",
        Phrase.GOODBYE: "Auf Wiedersehen und danke für Ihren Besuch!",
        Phrase.UNKNOWN: "Das weiß ich nicht, und raten möchte ich nicht. Wenn Sie eine Nachricht mit Ihrer "
        "E-Mail-Adresse "
        "hinterlassen, kann ich sie weitergeben, damit Ihnen jemand antwortet.",
        Phrase.BOOKING: "Hier können Sie buchen: {url}",
        Phrase.BOOKING_WITH: "Hier können Sie über {provider} buchen: {url}",
        Phrase.NO_BOOKING: "Ich habe im Moment keinen Buchungslink. Wenn Sie eine Nachricht mit Ihrer E-Mail-Adresse "
        "und "
        "Ihrem Wunschtermin hinterlassen, kann ich sie weitergeben.",
        Phrase.PERSON: "Ich habe es weitergegeben: Jemand antwortet Ihnen hier, so bald es geht.",
        Phrase.NO_PERSON: "Ich erreiche im Moment niemanden. Wenn Sie eine Nachricht mit Ihrer E-Mail-Adresse "
        "hinterlassen, "
        "versuche ich, sie weiterzugeben.",
        Phrase.COMPANION_GREETING: "Hallo! Was beschäftigt dich?",
        Phrase.COMPANION_THANKS: "Gern geschehen!",
        Phrase.COMPANION_GOODBYE: "Bis bald! Ich bin hier.",
        Phrase.COMPANION_NOTED: "Danke, dass du es mir sagst.",
        Phrase.COMPANION_UNKNOWN: "Das weiß ich nicht. Sag es mir, und ich merke es mir.",
        Phrase.COMPANION_TOLD: "Du hast mir gesagt: {quotes}",
        Phrase.COMPANION_KEPT: "Das merke ich mir: „{text}“",
        Phrase.COMPANION_DROPPED: "Das habe ich vergessen: „{text}“ Du kannst es 30 Tage lang zurückholen.",
        Phrase.COMPANION_NOTHING_DROPPED: "Was soll ich vergessen? Sag es mir mit ein paar Worten.",
    },
    "es": {
        Phrase.GREETING: "¡Hola! ¿Qué le gustaría saber?",
        Phrase.THANKS: "¡De nada! ¿Le gustaría saber algo más?",
        Phrase.GOODBYE: "¡Hasta pronto y gracias por su visita!",
        Phrase.UNKNOWN: "No lo sé, y prefiero no adivinar. Si deja un mensaje con su correo electrónico, puedo "
        "pasarlo para "
        "que alguien le responda.",
        Phrase.BOOKING: "Puede reservar aquí: {url}",
        Phrase.BOOKING_WITH: "Puede reservar aquí, con {provider}: {url}",
        Phrase.NO_BOOKING: "Ahora mismo no tengo un enlace de reserva. Si deja un mensaje con su correo electrónico "
        "y la hora "
        "que le conviene, puedo pasarlo.",
        Phrase.PERSON: "Lo he pasado: alguien le responderá aquí en cuanto pueda.",
        Phrase.NO_PERSON: "Ahora mismo no puedo localizar a nadie. Si deja un mensaje con su correo electrónico, "
        "intentaré "
        "pasarlo.",
        Phrase.COMPANION_GREETING: "¡Hola! ¿Qué tienes en mente?",
        Phrase.COMPANION_THANKS: "¡De nada!",
        Phrase.COMPANION_GOODBYE: "¡Hasta pronto! Aquí estaré.",
        Phrase.COMPANION_NOTED: "Gracias por contármelo.",
        Phrase.COMPANION_UNKNOWN: "No lo sé. Cuéntamelo y lo recordaré.",
        Phrase.COMPANION_TOLD: "Me dijiste: {quotes}",
        Phrase.COMPANION_KEPT: "Lo recordaré: «{text}»",
        Phrase.COMPANION_DROPPED: "Lo he olvidado: «{text}» Puedes recuperarlo durante 30 días.",
        Phrase.COMPANION_NOTHING_DROPPED: "¿Qué he de olvidar? Dímelo en pocas palabras.",
    },
    "fr": {
        Phrase.GREETING: "Bonjour ! Que souhaitez-vous savoir ?",
        Phrase.THANKS: "Avec plaisir ! Souhaitez-vous savoir autre chose ?",
        Phrase.GOODBYE: "Au revoir et merci de votre visite !",
        Phrase.UNKNOWN: "Je ne sais pas, et je préfère ne pas deviner. Si vous laissez un message avec votre adresse "
        "e-mail, "
        "je peux le transmettre pour que quelqu'un vous réponde.",
        Phrase.BOOKING: "Vous pouvez réserver ici : {url}",
        Phrase.BOOKING_WITH: "Vous pouvez réserver ici, avec {provider} : {url}",
        Phrase.NO_BOOKING: "Je n'ai pas de lien de réservation pour le moment. Si vous laissez un message avec votre "
        "adresse "
        "e-mail et l'heure qui vous convient, je peux le transmettre.",
        Phrase.PERSON: "J'ai transmis votre demande : quelqu'un vous répondra ici dès que possible.",
        Phrase.NO_PERSON: "Je n'arrive à joindre personne pour le moment. Si vous laissez un message avec votre "
        "adresse "
        "e-mail, j'essaierai de le transmettre.",
        Phrase.COMPANION_GREETING: "Bonjour ! Qu'as-tu en tête ?",
        Phrase.COMPANION_THANKS: "Avec plaisir !",
        Phrase.COMPANION_GOODBYE: "À bientôt ! Je suis là.",
        Phrase.COMPANION_NOTED: "Merci de me l'avoir dit.",
        Phrase.COMPANION_UNKNOWN: "Je ne le sais pas. Dis-le-moi, et je m'en souviendrai.",
        Phrase.COMPANION_TOLD: "Tu m'as dit : {quotes}",
        Phrase.COMPANION_KEPT: "Je m'en souviendrai : « {text} »",
        Phrase.COMPANION_DROPPED: "Je l'ai oublié : « {text} » Tu peux le retrouver pendant 30 jours.",
        Phrase.COMPANION_NOTHING_DROPPED: "Que faut-il oublier ? Dis-le-moi en quelques mots.",
    },
    "cs": {
        Phrase.GREETING: "Dobrý den! Co byste rádi věděli?",
        Phrase.THANKS: "Rádo se stalo! Chcete vědět ještě něco?",
        Phrase.GOODBYE: "Na shledanou a děkujeme za návštěvu!",
        Phrase.UNKNOWN: "To nevím a nechci hádat. Když necháte zprávu se svou e-mailovou adresou, mohu ji předat, "
        "aby vám "
        "někdo odpověděl.",
        Phrase.BOOKING: "Objednat se můžete zde: {url}",
        Phrase.BOOKING_WITH: "Objednat se můžete zde, přes {provider}: {url}",
        Phrase.NO_BOOKING: "Odkaz k objednání teď nemám. Když necháte zprávu se svou e-mailovou adresou a časem, "
        "který vám "
        "vyhovuje, mohu ji předat.",
        Phrase.PERSON: "Předal jsem to: někdo vám zde odpoví, jakmile to půjde.",
        Phrase.NO_PERSON: "Nikoho teď nemohu zastihnout. Když necháte zprávu se svou e-mailovou adresou, pokusím se ji "
        "předat.",
        Phrase.COMPANION_GREETING: "Ahoj! Co máš na srdci?",
        Phrase.COMPANION_THANKS: "Rádo se stalo!",
        Phrase.COMPANION_GOODBYE: "Měj se! Budu tady.",
        Phrase.COMPANION_NOTED: "Díky, že mi to říkáš.",
        Phrase.COMPANION_UNKNOWN: "To nevím. Řekni mi to a zapamatuji si to.",
        Phrase.COMPANION_TOLD: "Od tebe vím: {quotes}",
        Phrase.COMPANION_KEPT: "To si zapamatuji: „{text}“",
        Phrase.COMPANION_DROPPED: "To už si nepamatuji: „{text}“ Obnovit to můžeš 30 dní.",
        Phrase.COMPANION_NOTHING_DROPPED: "Co mám zapomenout? Řekni mi to pár slovy.",
    },
}


def phrase(which: Phrase, language: str) -> str:
    """What to say in `language` (BCP 47), in English when we do not speak it."""
    return _PHRASES.get(primary(language), _PHRASES["en"])[which]
