from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

URL = "/sign-in/"
PASSWORD = "secret-enough"


def sign_in(client: Client, password: str = PASSWORD, **fields: str) -> Any:
    return client.post(URL, {"username": "owner", "password": password, **fields})


def test_the_right_password_opens_the_overview(client: Client, owner: User) -> None:
    assert sign_in(client)["Location"] == "/"
    assert client.get("/").status_code == 200


def test_a_wrong_password_is_said_and_tells_no_more(client: Client, owner: User) -> None:
    page = sign_in(client, "wrong").content.decode()
    assert "Please enter a correct username and password" in page
    assert client.get("/").status_code == 302


def test_sign_in_goes_on_to_the_page_that_was_asked_for(client: Client, owner: User) -> None:
    assert sign_in(client, next="/scenarios/")["Location"] == "/scenarios/"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_sign_in_never_leads_to_another_host(client: Client, owner: User, target: str) -> None:
    assert sign_in(client, next=target)["Location"] == "/"


def test_who_is_signed_in_has_no_need_of_the_page(as_owner: Client) -> None:
    assert as_owner.get(URL)["Location"] == "/"


def test_many_wrong_passwords_lock_the_door_for_the_right_one_too(
    client: Client, owner: User, settings: Any
) -> None:
    settings.AXES_ENABLED = True
    answers = [sign_in(client, "wrong").status_code for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert answers[:-1] == [200] * (settings.AXES_FAILURE_LIMIT - 1)
    locked = sign_in(client)
    assert locked.status_code == 429
    assert "Too many attempts" in locked.content.decode()
    assert client.get("/").status_code == 302


def test_a_locked_name_does_not_lock_another(
    client: Client, owner: User, colleague: User, settings: Any
) -> None:
    settings.AXES_ENABLED = True
    for _ in range(settings.AXES_FAILURE_LIMIT):
        sign_in(client, "wrong")
    response = client.post(URL, {"username": "colleague", "password": PASSWORD})
    assert response["Location"] == "/"


def test_signing_out_is_a_post_and_ends_at_the_door(as_owner: Client) -> None:
    assert as_owner.get("/sign-out/").status_code == 405
    assert as_owner.post("/sign-out/")["Location"] == URL
    assert as_owner.get("/").status_code == 302


def test_a_password_is_changed_with_the_old_one(as_owner: Client, owner: User) -> None:
    new = "another-long-one-7"
    data = {"old_password": "wrong", "new_password1": new, "new_password2": new}
    assert as_owner.post("/password/", data).status_code == 200
    done = as_owner.post("/password/", data | {"old_password": PASSWORD}, follow=True)
    assert "Password changed" in done.content.decode()
    owner.refresh_from_db()
    assert owner.check_password(new)


def test_a_weak_password_is_refused(as_owner: Client, owner: User) -> None:
    data = {"old_password": PASSWORD, "new_password1": "password", "new_password2": "password"}
    assert "too common" in as_owner.post("/password/", data).content.decode()


def test_the_password_page_is_for_who_is_signed_in(client: Client, db: None) -> None:
    assert client.get("/password/")["Location"] == "/sign-in/?next=/password/"
    assert client.get("/password/done/").status_code == 302


def test_only_staff_is_led_to_the_administration(as_owner: Client, as_superuser: Client) -> None:
    assert "Administration" not in as_owner.get("/").content.decode()
    assert "Administration" in as_superuser.get("/").content.decode()


def test_a_deactivated_user_stays_outside(client: Client, owner: User) -> None:
    User.objects.filter(pk=owner.pk).update(is_active=False)
    sign_in(client)
    assert client.get("/").status_code == 302


def test_who_is_signed_out_comes_back_to_the_same_list(as_owner: Client) -> None:
    """With its filters and its page: the banner's link takes along the whole address."""
    where = "/jobs/?q=a+%26+b&status=failed&page=2"
    link = re.findall(r'href="(/sign-in/\?next=[^"]*)"', as_owner.get(where).content.decode())[0]
    answer = Client().post(html.unescape(link), {"username": "owner", "password": PASSWORD})
    assert answer.headers["Location"] == where
