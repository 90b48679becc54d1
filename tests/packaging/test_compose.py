import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from entrypoints.settings import Settings, SettingsError, load
from entrypoints.settings.model import SETTINGS

ROOT = Path(__file__).parents[2]
COMPOSE = (ROOT / "compose.yml").read_text()
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE)["services"]
OURS = {name: service for name, service in SERVICES.items() if service.get("build")}
MADE_FOR_COMPOSE = {"POSTGRES_PASSWORD"}


def interpolated(text: str, given: dict[str, str]) -> str:
    return re.sub(r"\$\{(\w+):-([^}]*)\}", lambda found: given.get(found[1]) or found[2], text)


def compose_settings(service: str, **given: str) -> Settings:
    environ = {name: interpolated(text, given) for name, text in OURS[service]["environment"].items()}
    return load(environ, None)


def test_compose_has_the_servers_and_our_three_processes() -> None:
    assert SERVICES.keys() == {"db", "redis", "migrate", "api", "worker"}
    assert OURS.keys() == {"migrate", "api", "worker"}


def test_what_a_service_waits_for_exists_and_can_be_waited_for() -> None:
    awaited = [(name, how["condition"]) for service in OURS.values() for name, how in service["depends_on"].items()]
    assert {name for name, how in awaited if how == "service_healthy"} == {"db", "redis"}
    assert {name for name, how in awaited if how == "service_completed_successfully"} == {"migrate"}
    assert len(awaited) == 7
    assert all(SERVICES[name]["healthcheck"]["test"] for name in ("db", "redis"))
    assert SERVICES["migrate"]["restart"] == "no"


@pytest.mark.parametrize("service", sorted(OURS))
def test_every_variable_of_our_services_is_a_setting(service: str) -> None:
    assert OURS[service]["environment"].keys() <= SETTINGS.keys()


@pytest.mark.parametrize("service", sorted(OURS))
def test_every_setting_reaches_our_services_save_those_of_the_image(service: str) -> None:
    assert SETTINGS.keys() - OURS[service]["environment"].keys() == {"HOST", "PORT", "FLIGHTDECK_HOME"}


def test_every_variable_that_compose_reads_is_a_setting_of_the_same_name_or_composes_own() -> None:
    read = re.findall(r"(?:(\w+): )?\$\{(\w+)[^}]*\}", re.sub(r"#.*", "", COMPOSE))
    assert {name for _, name in read} <= SETTINGS.keys() | MADE_FOR_COMPOSE
    assert all(name == setting for setting, name in read if setting in SETTINGS)


@pytest.mark.parametrize("service", sorted(OURS))
def test_compose_runs_production_with_a_key_and_an_address_and_says_what_it_lacks(service: str) -> None:
    settings = compose_settings(service, SECRET_KEY="k" * 32, BASE_URL="https://desk.example.com")
    assert (settings.environment, settings.db_auto_migrate) == ("production", False)
    assert settings.database_url == "postgresql://flightdeck:flightdeck@db:5432/flightdeck"
    with pytest.raises(SettingsError, match=r"^SECRET_KEY is unset.*\nBASE_URL is unset"):
        compose_settings(service)


def test_the_two_addresses_for_local_development_are_those_of_the_servers() -> None:
    advised = dict(re.findall(r"#\s+(DATABASE_URL|REDIS_URL)=(\S+)", COMPOSE))
    settings = load(advised, None)
    database = SERVICES["db"]["environment"]
    password = interpolated(database["POSTGRES_PASSWORD"], {})
    assert settings.database_url == (
        f"postgresql://{database['POSTGRES_USER']}:{password}@127.0.0.1:5432/{database['POSTGRES_DB']}"
    )
    assert settings.redis_url == "redis://127.0.0.1:6379/0"
    assert (SERVICES["db"]["ports"], SERVICES["redis"]["ports"]) == (["127.0.0.1:5432:5432"], ["127.0.0.1:6379:6379"])


def test_the_servers_can_be_started_without_any_variable() -> None:
    assert not re.search(r"\$\{\w+:?\?", re.sub(r"#.*", "", COMPOSE))


def test_no_port_is_open_to_the_network() -> None:
    assert all(port.startswith("127.0.0.1:") for service in SERVICES.values() for port in service.get("ports", []))


def test_what_must_outlive_a_container_is_in_a_declared_volume() -> None:
    mounted = {tuple(volume.split(":")) for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert mounted == {("db", "/var/lib/postgresql"), ("redis", "/data"), ("home", "/data")}
    assert yaml.safe_load(COMPOSE)["volumes"].keys() == {name for name, _ in mounted}
    assert "--appendonly" in SERVICES["redis"]["command"]


@pytest.mark.parametrize("service", ["api", "worker"])
def test_what_is_watched_exists_and_is_replaced_where_the_image_has_it(service: str) -> None:
    for watch in OURS[service]["develop"]["watch"]:
        assert (ROOT / watch["path"]).exists()
        if watch["action"] == "sync+restart":
            assert watch["target"] == f"/app/{Path(watch['path']).name}"
