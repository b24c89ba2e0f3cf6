"""The setting of a sizing: the list and what it allows, with all levels filled in."""

from engine import Scenario
from engine.whatif.setting import setting_of
from tests.campaigns import busy_day


def test_numbers_count_with_what_the_campaign_fills_in() -> None:
    numbers = [
        {"generate": {"count": 60, "maxAttempts": 5}},
        {"generate": {"count": 30, "allowedDays": [{"value": ["mon"], "weight": 1}]}},
        {"generate": {"count": 10, "allowedTime": [{"value": {"default": []}, "weight": 1}]}},
    ]
    hours = {"default": [{"localTimeFrom": "09:00", "localTimeTo": "18:00"}]}
    document = busy_day(numbers=numbers, campaign={"maxAttempts": 2, "allowedTime": hours})

    setting = setting_of(Scenario.from_document(document))

    assert (setting.numbers, setting.attempts, setting.lines, setting.shifts) == (100, (2, 5), 4, False)
    assert [round(each.share, 2) for each in setting.hours] == [0.6, 0.3]
    assert [each.days for each in setting.hours] == [None, (0,)]
    assert round(setting.other_hours, 2) == 0.1
    assert setting.calls_per_second == 1


def test_hours_that_mean_the_same_are_the_same() -> None:
    every_day = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    numbers = [
        {"generate": {"count": 50, "allowedDays": [{"value": every_day, "weight": 1}]}},
        {"generate": {"count": 50}},
    ]

    setting = setting_of(Scenario.from_document(busy_day(numbers=numbers)))

    assert [each.share for each in setting.hours] == [1]
    assert setting.other_hours == 0


def test_numbers_count_with_the_call_policy_of_their_segment() -> None:
    vip = {"name": "vip", "payload": {"tier": "vip"}, "maxAttempts": 6, "allowedDays": ["mon"]}
    body = [{"phone": f"1555010{index:04}", "payload": {"tier": "vip" if index < 2 else "other"}} for index in range(8)]

    setting = setting_of(Scenario.from_document(busy_day(numbers=[{"addPhones": body}], segments=[vip])))

    assert setting.attempts == (3, 6)
    assert [(each.days, each.share) for each in setting.hours] == [(None, 0.75), ((0,), 0.25)]


def test_hours_are_those_that_rule_sets_leave() -> None:
    setting = setting_of(Scenario.from_document(busy_day(campaign={"allowedTime": "0-24", "rules": ["us-fl"]})))

    assert setting == setting_of(Scenario.from_document(busy_day(campaign={"allowedTime": "8-20"})))._replace(
        campaign=setting.campaign
    )
