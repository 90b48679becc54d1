from typing import Final

from domain.memories.grammars.grammar import Grammar, Says, compiled, rules

_KIN = (
    r"(?:(?:older|younger|elder|big|little|twin|best|late|new|eldest|youngest|step|half)[ -])?"
    r"(?:sister|brother|mother|father|mum|mom|dad|parents?|wife|husband|partner|spouse|fiancée?|son|daughter|child|kid"
    r"|kids|children|grand(?:mother|father|ma|pa|son|daughter)|granny|aunt|uncle|cousin|niece|nephew|girlfriend"
    r"|boyfriend|friend|flatmate|roommate|neighbou?r|colleague|boss|manager|doctor|dentist|therapist|teacher|landlord"
    r"|cat|dog|pet|horse|rabbit|parrot|mother-in-law|father-in-law)"
)
_OWN = (
    r"(?:(?:[\w-]+ ){0,2}(?:birthday|anniversary|name day|(?:phone |mobile |office )?number|e-?mail(?: address)?"
    r"|address|job|profession|occupation|hometown|nationality|age|employer|company|team|height|weight"
    r"|blood (?:type|group)|(?:shoe|shirt|ring|dress) size|size|mother tongue|native language|time ?zone|hobby|hobbies"
    r"|diet|car|school|university|major|pronouns|working hours|star sign|middle name|surname|last name|maiden name"
    r"|nickname|allerg(?:y|ies))|favou?rite(?: [\w-]+){1,3}?)"
)
_CALENDAR = (
    r"(?:appointment|interview|exam|meeting|flight|deadline|test|presentation|wedding|surgery|operation|train|trip"
    r"|party|concert|visit|check-?up|viewing|viva|hearing|shift|lesson|class|workshop|conference|call)"
)
_UNSETTLED = (
    r"(?!(?:not|so|too|very|really|just|still|here|there|home|late|sick|ill|tired|angry|mad|upset|sad"
    r"|happy|busy|fine|ok"
    r"|okay|ready|awake|asleep|gone|back|out|up|down|off|on(?! (?:the )?\w+ ?\d|(?: [a-z]+)? ?\d)|coming|going"
    r"|getting|being|having|making|driving|killing|acting|trying|about|due|missing|dead|broken|great|amazing|annoying"
    r"|crazy|nice|good|bad|wrong|right|better|worse|full|empty|dirty|slow|done|over|finished|completed?|ended"
    r"|lost|stolen|closed|open|safe|secured?|at risk|in (?:danger|trouble|pieces|the (?:garage|shop|workshop))"
    r"|that|this|it|what|how|where|why|when|to)\b"
    r"|\w+ing\b)"
)
_ADVERBS = (
    r"(?:(?:really|also|still|always|usually|generally|now|absolutely|actually|particularly|just"
    r"|truly|personally|simply"
    r"|much|strongly|do|definitely|mostly|only|currently|tend to|no longer) ){0,2}"
)

ENGLISH: Final = Grammar(
    lead=compiled(
        r"(?:(?:please|hi|hello|hey|oh|ah|well|so|ok|okay|yes|yeah|no|nope|sure|btw|by the way|fyi|also|actually"
        r"|honestly|in fact|just so you know|for the record|to be honest|unfortunately|luckily|these days|nowadays"
        r"|and|but|i told you that|as i said|remember|note|keep in mind|don't forget)(?: that)?[,:!]? +){0,3}"
    ),
    asked=compiled(
        r"(?:(?:hi|hello|hey|ok|okay|please|also)[,!]? +){0,2}(?:remember|note|keep in mind|don't forget)(?: that|:) +"
    ),
    joint=compiled(r"(?: *[,;:–—] *(?:(?:and|but|so|yet|also) +)?| +(?:and|but) +)(?=(?:i|i'm|i've|i'll|my)\b)"),  # noqa: RUF001 (the dash that people type)
    doubt=compiled(
        r"\b(?:if|unless|suppos(?:e|ing)|imagine|pretend(?:ing)?|hypothetically|let's say|say i|what if|as though|were"
        r"|would(?! like to\b)|wouldn't|could|couldn't|might|maybe|perhaps|possibly|probably|wish|in case"
        r"|assuming|whether"
        r"|not sure|unsure|i guess|i think|i suppose|i doubt|used to|jok(?:e|ing)|kidding|sarcas\w+|role-?play\w*"
        r"|in the (?:book|novel|story|film|movie|song)|said|says|saying|told me|tells|telling|claim(?:s"
        r"|ed)|thinks|thought"
        r"|asked|asks|wrote|writes|replied|texted|quot(?:e|ed|ing)|according to|lyrics?|believes|insists"
        r"|example|e\.g\.)\b"
        r"|, (?:right|don't i|do i|am i|aren't i|isn't it|no)$"
    ),
    material=compiled(
        r"(?:(?:please|now|ok|okay|hey|hi)[, ]+)*(?:(?:can|could|would|will) you (?:please )?)?(?:help me )?"
        r"(?:translate|rewrite|reword|rephrase|proofread|spell-?check|correct|summari[sz]e|write|draft"
        r"|compose|paraphrase"
        r"|fix|edit|continue|complete|analy[sz]e|classify|pretend|imagine|act as|act like|you are|you're"
        r"|role-?play|repeat"
        r"|say|improve|finish|reply to|respond to|let's pretend|let's say|suppose|here(?:'s| is| are)"
        r"|this is (?:a|an|the|what)"
        r"|below|the following|e-?mail from|message from)\b"
    ),
    vague=compiled(
        r"(?:it|its|this|that|these|those|them|they|him|her|his|their|he|she|you|your|yours|u|ya|what|how"
        r"|where|when|why"
        r"|who|which|whatever|the (?:way|idea|fact|same|first|second|last|former|latter|other|one|above"
        r"|following)|one|ones"
        r"|some of|any of|all of|both|neither|either|none|nothing|everything|something|anything|as|so|too"
        r"|very|more|less"
        r"|better|not|to (?:say|admit|bother|interrupt|see|hear|know|think|break|ask|be|point|disagree"
        r"|believe|note|add|do)"
        r"|being|there|here|only)\b"
    ),
    idle=compiled(
        r"(?:know|ask|see|say|thank|hear|understand|talk|speak|tell|check|make sure|apologi[sz]e|cry"
        r"|scream|sleep|eat|die"
        r"|kill|hurt|end|disappear|give up|go(?: home| to bed| now)?$|go home|leave|stop|return|find out"
        r"|clarify|mention"
        r"|point out|book|order|reserve|schedule|request|share|discuss|confirm|have|be|do|try|let|think"
        r"|take a look|admit"
        r"|confess|agree|disagree|wait|run$|look|get back|get going|keep|believe|add|show|give|use|come back|pass|need"
        r"|want|like|love|never|not|miss|always|just|remember|forget|rest$|pee|work$|help(?: me| you|$))\b"
    ),
    rules=rules(
        (Says.NAME, r"my (?:(?:full|first|real) )?name(?:'s| is) (?:actually )?(?P<o>.+)"),
        (
            Says.NAME,
            (
                r"(?:call me|i go by|i(?:'m| am) called|(?:people|my friends|everyone"
                r"|everybody) calls? me) (?P<o>.+)"
            ),
        ),
        (
            Says.DATED_TASK,
            (
                rf"(?:i(?:'ve got| have(?: got)?) (?:an?|my|another) (?:[\w'-]+ ){{0,3}}{_CALENDAR}\b"
                rf"|my (?:[\w'-]+ ){{0,3}}{_CALENDAR} (?:is|starts|begins))(?P<o>.*)"
            ),
        ),
        (Says.FACT, rf"(?:my|our) {_OWN}(?:'s| is| are) (?P<o>{_UNSETTLED}.+)"),
        (Says.FACT, rf"my {_KIN}(?: [A-Z][\w-]+)?'s? (?:{_OWN}|name)(?:'s| is| are) (?P<o>{_UNSETTLED}.+)"),
        (
            Says.FACT,
            (
                rf"my {_KIN}(?: [A-Z][\w-]+)? (?:is|are) (?P<o>(?:an? |called |named |allergic |vegan|vegetarian"
                r"|from |\d|married|divorced|deaf|blind|(?-i:[A-Z])).*)"
            ),
        ),
        (
            Says.FACT,
            (
                rf"my {_KIN}(?: [A-Z][\w-]+)? (?:lives?|works?|studies|teaches|speaks?|plays?|was born|can't eat"
                r"|doesn't eat|likes?|loves?|hates?|prefers?) (?P<o>.+)"
            ),
        ),
        (Says.FACT, r"(?-i:[A-Z][\w-]+)'s (?:birthday|anniversary|name day) is (?P<o>.+)"),
        (
            Says.FACT,
            (
                rf"i {_ADVERBS}(?:live|grew up|was born|work|study|studied|teach|volunteer) (?:in|at|on|as|for"
                r"|near|from|outside|with) (?P<o>(?!(?:as|hope|fear|fast|hard|theory|general|peace)\b).+)"
            ),
        ),
        (
            Says.EVENT,
            (
                r"i(?:'ve)? (?:recently |just )?(?:moved to|got (?:married|engaged|divorced)|became (?:an? )"
                r"|graduated from|started (?:a new job|working|studying)|quit my job|retired)(?P<o>.*)"
            ),
        ),
        (
            Says.FACT,
            (
                r"i(?:'m| am) (?:originally )?(?:from|based in) (?P<o>(?:the )?(?-i:[^\W\d_a-zß-ÿ]).*"
                r"|an? (?:[\w-]+ ){0,3}(?:village|town|city|country|island|farm|family)\b.*)"
            ),
        ),
        (
            Says.FACT,
            (
                r"i(?:'m| am) (?:not |now |no longer |still )?(?P<o>(?:married|divorced|widowed|engaged|single"
                r"|pregnant|retired|vegetarian|vegan|pescatarian|coeliac|celiac|diabetic|colou?r-?blind"
                r"|left-handed|right-handed|lactose intolerant|gluten intolerant|dyslexic|asthmatic)\b.*)"
            ),
        ),
        (Says.FACT, r"i(?:'m| am) (?P<o>\d{1,3} years old.*)"),
        (
            Says.FACT,
            (
                r"i(?:'m| am) an? (?P<o>(?!(?:bit|little|lot|fan|huge|big|mess|few|couple|wreck|day|week|month"
                r"|minute|while|idiot|failure|fool|loser|genius|goner|step|tad|bot|robot|human|user"
                r"|customer)\b)[\w-]+(?: [\w'-]+){0,6})"
            ),
        ),
        (
            Says.FACT,
            (
                r"i have (?:an? |one |two |three |four |five |six |\d+ )?(?:[\w-]+ ){0,2}(?P<o>(?:sons?"
                r"|daughters?|kids?|child|children|sisters?|brothers?|siblings|twins|cats?|dogs?|wife|husband"
                r"|allergy|allergies|diabetes|asthma|adhd|epilepsy|migraines|arthritis|dyslexia|coeliac disease"
                r"|celiac disease)\b.*)"
            ),
        ),
        (Says.FACT, r"i speak (?P<o>(?:fluent |some |a little |both )?(?-i:[A-Z])\w+.*)"),
        (
            Says.FACT,
            (
                r"i play (?P<o>(?:the )?(?:piano|guitar|violin|cello|flute|drums|bass|trumpet|saxophone|chess"
                r"|tennis|football|soccer|basketball|volleyball|hockey|golf|badminton)\b.*)"
            ),
        ),
        (
            Says.TASTE,
            (
                rf"i {_ADVERBS}(?:prefer|like|love|enjoy|adore|hate|dislike|detest|loathe|avoid|(?:can't|cannot"
                r"|can not) (?:stand|eat|drink|have|tolerate|bear)|(?:don't|do not) (?:really )?(?:like|enjoy|eat"
                r"|drink|love)|never (?:eat|drink|wear)) (?P<o>.+)"
            ),
        ),
        (
            Says.TASTE,
            (
                r"i(?:'m| am) (?:not )?(?:an? (?:big |huge |great )?fan of|fond of|keen on|allergic to"
                r"|intolerant (?:to|of)|afraid of (?=flying|heights|dogs|spiders|needles)) ?(?P<o>.+)"
            ),
        ),
        (
            Says.TASTE,
            (
                r"(?!(?:it|this|that|these|those|they|he|she|what)\b)(?P<o>[\w' -]{2,60}?) (?:is"
                r"|are) my favou?rite .+"
            ),
        ),
        (
            Says.TASK,
            (
                r"(?:i(?:'ll| will|'ve got to| have to| have got to| need to| must| gotta|'m going to"
                r"| am going to|'m supposed to| am supposed to| promised to)|remind me to"
                r"|don't let me forget to) (?P<o>.+)"
            ),
        ),
        (
            Says.GOAL,
            (
                r"(?:i(?: really| also| finally| still)? (?:want to|hope to|plan to|aim to|intend to|dream of)"
                r"|i(?:'d| would)(?: really)? (?:like|love) to|i(?:'m| am) (?:planning to|hoping to|trying to"
                r"|training for|saving(?: up)? for|working towards?)|i(?:'ve| have)? decided to"
                r"|my (?:\w+ )?(?:goal|dream|aim|ambition|plan|resolution)(?: for [\w ]{2,20})? is to) (?P<o>.+)"
            ),
        ),
        (
            Says.STRESS,
            (
                r"i(?:'m| am| feel|'ve been| have been| get| was)(?: feeling)?(?: (?:so|very|really|quite|a bit"
                r"|a little|pretty|extremely|always|constantly|totally|completely)){0,2} (?P<label>stressed"
                r"|anxious|worried|nervous|overwhelmed|burned out|burnt out|exhausted|scared|depressed|lonely"
                r"|frustrated|sad)(?: out)? (?:about|because of|by|over|at|with|of|from) (?P<o>.+)"
            ),
        ),
        (
            Says.STRESS,
            (
                r"(?!(?:it|this|that|he|she|they|you)\b)(?P<o>[\w' -]{3,60}?) (?:really "
                r"|always )?(?:stress(?:es)? me out|makes? me (?P<label>anxious|nervous|sad|angry))\b.*"
            ),
        ),
    ),
)
