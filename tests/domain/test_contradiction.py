import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.memories.contradiction import Relation, relation, rivals_query


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        ("My sister's name is Anne.", "My sister's name is Anna.", "supersedes"),
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
        ("My friend is called Eva.", "My friend is called Jan.", "new"),
        ("I have to call Anna tomorrow (2026-11-23).", "I have to call Anna tomorrow (2026-11-22).", "resembles"),
        ("I like tea.", "My sister likes tea.", "new"),
        ("I want to learn Spanish.", "I want to learn Spanish by 2027.", "repeats"),
        ("I no longer want to learn Spanish.", "I want to learn Spanish.", "supersedes"),
        ("I am 35 years old.", "I am 34 years old.", "supersedes"),
        ("I work as a teacher.", "I work as a nurse.", "supersedes"),
        ("I work at Nordlicht.", "I work as a nurse.", "new"),
        ("I'm married.", "I'm single.", "supersedes"),
        ("Meine Schwester heißt Eva.", "Meine Schwester heißt Anna.", "supersedes"),
        ("Ich bevorzuge Kaffee.", "Ich bevorzuge Tee.", "supersedes"),
        ("Prefiero el café.", "Prefiero el té.", "supersedes"),
        ("Je préfère le café.", "Je préfère le thé.", "supersedes"),
        ("Bydlím v Praze.", "Bydlím v Brně.", "supersedes"),
        ("Mi hermana se llama Eva.", "Mi hermana se llama Ana.", "supersedes"),
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
WHOSE = st.sampled_from(["sister", "brother", "mother", "dog"])


@given(WHOSE, NAMES, WHOSE, NAMES)
def test_a_name_supersedes_another_of_the_same_one_alone(one: str, name: str, other: str, called: str) -> None:
    how = relation(f"My {one}'s name is {name}.", f"My {other} is called {called}.")

    if one != other:
        assert how not in {Relation.SUPERSEDES, Relation.REPEATS}
    else:
        assert how is (Relation.REPEATS if name == called else Relation.SUPERSEDES)


@given(st.text(min_size=1, max_size=300))
def test_any_content_repeats_itself(content: str) -> None:
    assert relation(content, content) is Relation.REPEATS


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_two_contents_have_a_relation(new: str, old: str) -> None:
    assert relation(new, old) in Relation
    assert rivals_query(new).startswith(new)
