import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.memories.contradiction import Relation, relation, rivals_query


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        ("My wife's name is Anne.", "My wife's name is Anna.", "supersedes"),
        ("My wife is called Anne.", "My wife is Anna.", "supersedes"),
        ("My sister's name is Anne.", "My sister's name is Anna.", "resembles"),
        ("My sister is called Anna.", "My sister's name is Anna.", "repeats"),
        ("My sister is a nurse.", "My sister's name is Anna.", "new"),
        ("My brother's name is Jan.", "My sister's name is Anna.", "new"),
        ("I prefer coffee.", "I prefer tea.", "supersedes"),
        ("I prefer tea.", "I prefer tea.", "repeats"),
        ("i prefer  tea", "I prefer tea.", "repeats"),
        ("I prefer window seats.", "I prefer tea.", "new"),
        ("I prefer aisle seats.", "I prefer window seats.", "supersedes"),
        ("I prefer window seats.", "I prefer window seats on long flights.", "repeats"),
        ("I prefer coffee to tea.", "I prefer tea to coffee.", "supersedes"),
        ("I don't like fish.", "I like fish.", "supersedes"),
        ("I hate fish.", "I love fish.", "supersedes"),
        ("I really like fish.", "I like fish.", "repeats"),
        ("I like fish and meat.", "I like fish.", "new"),
        ("I no longer live in Prague.", "I live in Prague.", "supersedes"),
        ("I live in Berlin.", "I live in Prague.", "supersedes"),
        ("I moved to Berlin.", "I live in Prague.", "supersedes"),
        ("I live in Prague.", "I live in Prague with Jana.", "repeats"),
        ("I'm not vegetarian anymore.", "I'm vegetarian.", "supersedes"),
        ("Call me Annie.", "Call me Anna.", "supersedes"),
        ("My favourite colour is blue.", "My favourite colour is dark green.", "supersedes"),
        ("My favourite food is sushi.", "My favourite colour is dark green.", "new"),
        ("Sushi is my favourite food.", "My favourite food is pizza.", "supersedes"),
        ("My birthday is on 5 March.", "My birthday is on 4 March.", "supersedes"),
        ("My friend is called Eva.", "My friend is called Jan.", "resembles"),
        ("My son is Tom.", "My son is Jan.", "resembles"),
        ("My son is called Tom.", "My son's name is Tom.", "repeats"),
        ("My dog is called Rex.", "My dog is called Bello.", "resembles"),
        ("My dog's birthday is on 5 March.", "My dog's birthday is on 4 March.", "resembles"),
        ("I live with Anna.", "I live in Prague.", "new"),
        ("I live alone.", "I live in Prague.", "new"),
        ("I live in a small flat.", "I live in Prague.", "new"),
        ("I moved to a new team.", "I live in Prague.", "new"),
        ("I live in Žilina.", "I live in Prague.", "supersedes"),
        ("I was born in 1990.", "I was born in Prague.", "new"),
        ("I was born in May.", "I was born in Prague.", "new"),
        ("I was born in May.", "I was born in 1990.", "new"),
        ("I was born on 4 May.", "I was born in Prague.", "new"),
        ("I was born in Brno.", "I was born in Prague.", "supersedes"),
        ("I was born in 1991.", "I was born in 1990.", "supersedes"),
        ("I was born on 5 May.", "I was born on 4 May.", "supersedes"),
        ("My wife is Czech.", "My wife is Anna.", "new"),
        ("My boss is Spanish.", "My boss is Petr.", "new"),
        ("My boss is Jana.", "My boss is Petr.", "supersedes"),
        ("My birthday is Monday.", "My birthday is on 4 March.", "new"),
        ("My car is red.", "My car is a Skoda.", "new"),
        ("My car is a Tesla.", "My car is a Skoda.", "supersedes"),
        ("My team is in Brno.", "My team is Sparta.", "new"),
        ("My team is Slavia.", "My team is Sparta.", "supersedes"),
        ("My job is stressful.", "My job is in Brno.", "new"),
        ("My job is a teacher.", "My job is a nurse.", "supersedes"),
        ("My birthday is my favourite day.", "My birthday is on 4 March.", "new"),
        ("My birthday is in May.", "My birthday is in June.", "supersedes"),
        ("My phone number is wrong.", "My phone number is 555 0134.", "new"),
        ("My phone number is 555 0135.", "My phone number is 555 0134.", "supersedes"),
        ("My email is eva@example.com.", "My email is ada@example.com.", "supersedes"),
        ("My work email is down.", "My work email is ada@example.com.", "new"),
        ("I work at night.", "I work at Nordlicht.", "new"),
        ("I work at Christmas.", "I work at Nordlicht.", "new"),
        ("I work for Seznam.", "I work at Nordlicht.", "supersedes"),
        ("I'm engaged in politics.", "I'm married.", "new"),
        ("I'm single-minded.", "I'm married.", "new"),
        ("I'm married to Jana.", "I'm single.", "supersedes"),
        ("I have to call Anna tomorrow (2026-11-23).", "I have to call Anna tomorrow (2026-11-22).", "resembles"),
        ("I like tea.", "My sister likes tea.", "new"),
        ("I want to learn Spanish.", "I want to learn Spanish by 2027.", "repeats"),
        ("I no longer want to learn Spanish.", "I want to learn Spanish.", "supersedes"),
        ("I am 35 years old.", "I am 34 years old.", "supersedes"),
        ("I work as a teacher.", "I work as a nurse.", "supersedes"),
        ("I work at Nordlicht.", "I work as a nurse.", "new"),
        ("I'm married.", "I'm single.", "supersedes"),
        ("Meine Schwester heißt Eva.", "Meine Schwester heißt Anna.", "resembles"),
        ("Meine Frau heißt Eva.", "Meine Frau heißt Anna.", "supersedes"),
        ("Ich lebe in Wien.", "Ich wohne in Graz.", "supersedes"),
        ("Ich wohne in einer WG.", "Ich wohne in Graz.", "new"),
        ("Ich wohne in Graz.", "I live in Prague.", "supersedes"),
        ("Mein Geburtstag ist im Mai.", "Mein Geburtstag ist im Juni.", "supersedes"),
        ("Mein Geburtstag ist mir egal.", "Mein Geburtstag ist im Juni.", "new"),
        ("Vivo en una casa.", "Vivo en Sevilla.", "new"),
        ("Vivo en Madrid.", "Vivo en Sevilla.", "supersedes"),
        ("Mi mujer se llama Eva.", "Mi mujer se llama Ana.", "supersedes"),
        ("Je vis seule.", "J'habite à Lyon.", "new"),
        ("Je vis à Paris.", "J'habite à Lyon.", "supersedes"),
        ("Mon fils s'appelle Jean.", "Mon fils s'appelle Luc.", "resembles"),
        ("Ma femme s'appelle Anne.", "Ma femme s'appelle Luce.", "supersedes"),
        ("Bydlím sám.", "Bydlím v Brně.", "new"),
        ("Žiju v Praze.", "Bydlím v Brně.", "supersedes"),
        ("Můj syn se jmenuje Petr.", "Můj syn se jmenuje Jan.", "resembles"),
        ("Moje manželka se jmenuje Eva.", "Moje manželka se jmenuje Jana.", "supersedes"),
        ("Ich bevorzuge Kaffee.", "Ich bevorzuge Tee.", "supersedes"),
        ("Prefiero el café.", "Prefiero el té.", "supersedes"),
        ("Je préfère le café.", "Je préfère le thé.", "supersedes"),
        ("Bydlím v Praze.", "Bydlím v Brně.", "supersedes"),
        ("Mi hermana se llama Eva.", "Mi hermana se llama Ana.", "resembles"),
        ("I have two daughters.", "I have asthma.", "new"),
        ("I hate mushrooms.", "I love hiking.", "new"),
        ("I prefer short answers.", "I prefer long walks.", "new"),
        ("I prefer tea in the morning.", "I prefer coffee in the evening.", "new"),
        ("I like coffee.", "I prefer tea.", "new"),
    ],
)
def test_a_new_memory_is_compared_with_an_old_one(new: str, old: str, expected: str) -> None:
    assert relation(new, old) == expected


def test_a_change_of_mind_and_back_supersedes_both_times() -> None:
    tea, coffee = "I prefer tea.", "I prefer coffee."

    assert relation(tea, coffee) is relation(coffee, tea) is Relation.SUPERSEDES


def test_what_rivals_is_looked_for_by_its_own_words() -> None:
    assert "tea" in rivals_query("I prefer coffee.").split()
    assert rivals_query("I live in Brno.") == "I live in Brno."


NAMES = st.sampled_from(["Anna", "Eva", "Jan", "Petra", "Marek"])
SEVERAL = {"sister", "dog"}
WHOSE = st.sampled_from(["sister", "wife", "mother", "dog"])


@given(WHOSE, NAMES, WHOSE, NAMES)
def test_a_name_supersedes_another_of_the_only_one_alone(one: str, name: str, other: str, called: str) -> None:
    how = relation(f"My {one}'s name is {name}.", f"My {other} is called {called}.")

    if one != other:
        assert how not in {Relation.SUPERSEDES, Relation.REPEATS}
    else:
        otherwise = Relation.RESEMBLES if one in SEVERAL else Relation.SUPERSEDES
        assert how is (Relation.REPEATS if name == called else otherwise)


@given(st.text(min_size=1, max_size=300))
def test_any_content_repeats_itself(content: str) -> None:
    assert relation(content, content) is Relation.REPEATS


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_two_contents_have_a_relation(new: str, old: str) -> None:
    assert relation(new, old) in Relation
    assert rivals_query(new).startswith(new)
