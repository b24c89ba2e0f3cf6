"""The methods of the Calls API: each turns what HTTP carries into a request to the clerk."""

from typing import Any

from litestar import MediaType, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath

from engine.reading.faults import Fault, shown
from engine.server import examples
from engine.server.answers import AttemptReport, CampaignReport, CampaignStatus, JobReport, Page
from engine.server.bodies import JSON, KEY, Bodies, HttpRequest, key_of, once, query, whole_number
from engine.server.clerk import Clerk
from engine.server.errors import faulty, refused
from engine.server.forms import (
    ADDING,
    CHOOSING,
    EITHER,
    ID_ON,
    IDS_ON,
    KEY_HEADER,
    KEY_QUERY,
    LARGEST_PAGE,
    LAST_PAGE,
    NUMBER,
    PAGE,
    PAGE_SIZE,
    TOKEN,
    CallDates,
    Chosen,
    JobDates,
    NumberToCall,
    Paged,
)
from engine.server.operations import Operation
from engine.server.requests import (
    AddPhone,
    AddPhones,
    AttemptReports,
    AttemptsByDate,
    Cancel,
    Control,
    DescribeCampaign,
    JobReports,
    JobsByDate,
    Span,
)

CALLS = "/api/calls/campaign/{token:str}"
CRM_CALLS = "/api/crmCalls/campaign/{token:str}"
NUMBERS, REPORTS, CAMPAIGN = "Numbers", "Reports", "Campaign"


def campaign_of(token: FromPath[str], clerk: NamedDependency[Clerk]) -> int:
    """The number of the campaign, from 0, whose token stands in the path; RefusedError if there is none."""
    return clerk.campaign_of(token)


@post(
    f"{CALLS}/addPhones",
    status_code=200,
    operation=Operation(
        tag=NUMBERS,
        summary="Add numbers with their call policies; one with a fault refuses them all",
        parameters=(TOKEN, KEY_HEADER),
        body=list[NumberToCall],
        body_examples={"oneNumber": examples.NUMBERS},
        answer="The ids of the jobs that were created, in the order of the body",
        answer_example=[examples.JOB],
        errors=(*ADDING, "invalid.call.allowed.time"),
        links=IDS_ON,
    ),
)
async def add_phones(
    request: HttpRequest, campaign: NamedDependency[int], clerk: NamedDependency[Clerk], bodies: NamedDependency[Bodies]
) -> list[str]:
    """Numbers as the documentation of `addPhones` describes them; the campaign's rules decide when each is called."""
    async with bodies.raw(request, JSON) as body:
        return await clerk.ask(AddPhones(campaign=campaign, body=body, key=key_of(request)))


@post(
    f"{CRM_CALLS}/addPhone",
    status_code=200,
    media_type=MediaType.JSON,
    operation=Operation(
        tag=NUMBERS,
        summary="Add one number",
        parameters=(TOKEN, KEY_HEADER),
        form=NUMBER,
        body_examples={"oneNumber": {"phone": "16500000000", "gmtZone": "-05:00", "name": "Alex"}},
        answer="The id of the job that was created",
        answer_example=examples.JOB,
        errors=(*ADDING, "phone.duplicated"),
        links=ID_ON,
    ),
)
async def add_phone(
    request: HttpRequest, campaign: NamedDependency[int], clerk: NamedDependency[Clerk], bodies: NamedDependency[Bodies]
) -> str:
    """The parameters stand in a form-encoded body, or in the query as for `GET`; each stands there once."""
    number = _number(once([*query(request), *await bodies.form(request)]))
    return await clerk.ask(AddPhone(campaign=campaign, number=number, key=key_of(request)))


@get(
    f"{CRM_CALLS}/addPhone",
    media_type=MediaType.JSON,
    operation=Operation(
        tag=NUMBERS,
        summary="Add one number by the query alone",
        parameters=(TOKEN, KEY_HEADER, KEY_QUERY, *NUMBER),
        answer="The id of the job that was created",
        answer_example=examples.JOB,
        errors=(*ADDING, "phone.duplicated"),
        links=ID_ON,
    ),
)
async def add_phone_by_query(
    request: HttpRequest, campaign: NamedDependency[int], clerk: NamedDependency[Clerk]
) -> str:
    """The same phone with the same payload within 24 hours is refused, unless an idempotence key is given."""
    return await _add_by_query(request, campaign, clerk, test=False)


@get(
    f"{CRM_CALLS}/test/addPhone",
    media_type=MediaType.JSON,
    operation=Operation(
        tag=NUMBERS,
        summary="Add one number to try the campaign out",
        parameters=(TOKEN, KEY_HEADER, KEY_QUERY, *NUMBER),
        answer="The id of the job that was created",
        answer_example=examples.JOB,
        errors=ADDING,
        links=ID_ON,
    ),
)
async def test_add_phone(request: HttpRequest, campaign: NamedDependency[int], clerk: NamedDependency[Clerk]) -> str:
    """As `addPhone`, but the duplicate rule does not apply."""
    return await _add_by_query(request, campaign, clerk, test=True)


async def _add_by_query(request: HttpRequest, campaign: int, clerk: Clerk, test: bool) -> str:
    parameters = once(query(request))
    key = key_of(request, parameters)
    number = _number({name: value for name, value in parameters.items() if name != KEY})
    return await clerk.ask(AddPhone(campaign=campaign, number=number, key=key, test=test))


def _number(parameters: dict[str, str]) -> dict[str, Any]:
    """A number of parameters: all but the phone and its zone are fields of the payload."""
    own = {name: parameters[name] for name in ("phone", "gmtZone") if name in parameters}
    for name, value in own.items():
        if value.startswith(" "):
            kind = "phone.bad.format" if name == "phone" else "phone.gmtZone.bad.format"
            message = f"{name}: found {shown(value)}, in which a + became a space; write %2B for +"
            raise refused(400, kind, message, phone=own.get("phone"), gmt_zone=own.get("gmtZone"))
    payload = {name: value for name, value in parameters.items() if name not in own}
    return own | ({"payload": payload} if payload else {})


@post(
    f"{CALLS}/callJob/cancel",
    status_code=200,
    operation=Operation(
        tag=NUMBERS,
        summary="Cancel jobs",
        parameters=(TOKEN, KEY_HEADER),
        body=Chosen,
        body_rule=EITHER,
        body_examples={"both": examples.CHOSEN},
        answer="The ids of the jobs that were cancelled; those that had ended already are not among them",
        answer_example=[examples.JOB],
        errors=CHOOSING,
    ),
)
async def cancel_jobs(
    request: HttpRequest, campaign: NamedDependency[int], clerk: NamedDependency[Clerk], bodies: NamedDependency[Bodies]
) -> list[str]:
    """A call in progress goes on to its end; no other one is made."""
    chosen = await bodies.json(request, Chosen)
    return await clerk.ask(
        Cancel(campaign=campaign, phones=chosen.phones or (), ids=chosen.ids or (), key=key_of(request))
    )


def _of_chosen(summary: str, answer: str, report: Any) -> Operation:
    return Operation(
        tag=REPORTS,
        summary=summary,
        parameters=(TOKEN,),
        body=Chosen,
        body_rule=EITHER,
        body_examples={"both": examples.CHOSEN},
        answer=answer,
        answer_example=[report],
        errors=CHOOSING,
    )


@post(
    f"{CALLS}/callJob/getReport",
    status_code=200,
    operation=_of_chosen("Report on jobs", "The reports of the jobs", examples.JOB_REPORT),
)
async def get_job_reports(
    request: HttpRequest, campaign: NamedDependency[int], clerk: NamedDependency[Clerk], bodies: NamedDependency[Bodies]
) -> list[JobReport]:
    """A redial is a job of its own, whose id ends with its number: `1-4711-2` is the second redial of `1-4711`."""
    chosen = await bodies.json(request, Chosen)
    return await clerk.ask(JobReports(campaign=campaign, phones=chosen.phones or (), ids=chosen.ids or ()))


@post(
    f"{CALLS}/callAttempt/getReport",
    status_code=200,
    operation=_of_chosen(
        "Report on the calls of jobs",
        "The reports of the calls, those in progress among them",
        examples.ATTEMPT_REPORT,
    ),
)
async def get_attempt_reports(
    request: HttpRequest, campaign: NamedDependency[int], clerk: NamedDependency[Clerk], bodies: NamedDependency[Bodies]
) -> list[AttemptReport]:
    """What is not known yet of a call in progress is null."""
    chosen = await bodies.json(request, Chosen)
    return await clerk.ask(AttemptReports(campaign=campaign, phones=chosen.phones or (), ids=chosen.ids or ()))


def _by_date(summary: str, body: type, example: Any, report: Any) -> Operation:
    return Operation(
        tag=REPORTS,
        summary=summary,
        parameters=(TOKEN, *PAGE),
        body=body,
        body_optional=True,
        body_examples={"aDay": example},
        answer="A page of reports; an empty one is behind the last",
        answer_example={"items": [report], "pagination": {"page": 0, "pageSize": PAGE_SIZE}},
        errors=("invalid.field",),
    )


@post(
    f"{CALLS}/callJob/getReportByDate",
    status_code=200,
    operation=_by_date("Page through jobs by date", JobDates, examples.JOB_DATES, examples.JOB_REPORT),
)
async def get_job_reports_by_date(
    request: HttpRequest, campaign: NamedDependency[int], clerk: NamedDependency[Clerk], bodies: NamedDependency[Bodies]
) -> Page[JobReport]:
    """Jobs in the order in which they were created, or ended if `finishedAt…` is given."""
    return await _jobs(request, campaign, clerk, bodies, unfinished=False)


@post(
    f"{CALLS}/callJob/getUnfinished",
    status_code=200,
    operation=_by_date("Page through jobs that have not ended", JobDates, examples.JOB_DATES, examples.JOB_REPORT),
)
async def get_unfinished_jobs(
    request: HttpRequest, campaign: NamedDependency[int], clerk: NamedDependency[Clerk], bodies: NamedDependency[Bodies]
) -> Page[JobReport]:
    """Jobs that wait for a call or are in one, in the order in which they were created."""
    return await _jobs(request, campaign, clerk, bodies, unfinished=True)


async def _jobs(request: HttpRequest, campaign: int, clerk: Clerk, bodies: Bodies, unfinished: bool) -> Page[JobReport]:
    dates = await bodies.json(request, JobDates, optional=True)
    page, page_size = _page(request, dates)
    return await clerk.ask(
        JobsByDate(
            campaign=campaign,
            created=Span(dates.created_at_from, dates.created_at_to),
            finished=Span(dates.finished_at_from, dates.finished_at_to),
            page=page,
            page_size=page_size,
            unfinished=unfinished,
        )
    )


@post(
    f"{CALLS}/callAttempt/getReportByDate",
    status_code=200,
    operation=_by_date("Page through calls by date", CallDates, examples.CALL_DATES, examples.ATTEMPT_REPORT),
)
async def get_attempt_reports_by_date(
    request: HttpRequest, campaign: NamedDependency[int], clerk: NamedDependency[Clerk], bodies: NamedDependency[Bodies]
) -> Page[AttemptReport]:
    """Calls in the order in which they began, or ended if `finishedAt…` is given."""
    dates = await bodies.json(request, CallDates, optional=True)
    page, page_size = _page(request, dates)
    return await clerk.ask(
        AttemptsByDate(
            campaign=campaign,
            started=Span(dates.started_at_from, dates.started_at_to),
            finished=Span(dates.finished_at_from, dates.finished_at_to),
            page=page,
            page_size=page_size,
        )
    )


def _page(request: HttpRequest, body: Paged) -> tuple[int, int]:
    """The page that is wanted, and its size."""
    parameters = once(query(request))
    wanted = []
    for name, given, least, most, default in (
        ("page", body.page, 0, LAST_PAGE, 0),
        ("pageSize", body.page_size, 1, LARGEST_PAGE, PAGE_SIZE),
    ):
        asked = whole_number(parameters, name)
        if asked is not None and given is not None:
            raise faulty([Fault((name,), "a value in the query and one in the body", "one of both")])
        if asked is not None and not least <= asked <= most:
            raise faulty([Fault((name,), str(asked), f"an integer from {least} to {most}")])
        wanted.append(next(each for each in (asked, given, default) if each is not None))
    return wanted[0], wanted[1]


@get(
    CALLS,
    operation=Operation(
        tag=CAMPAIGN,
        summary="Describe the campaign",
        parameters=(TOKEN,),
        answer="The campaign, its status and its figures",
        answer_example=examples.CAMPAIGN_REPORT,
    ),
)
async def get_campaign(campaign: NamedDependency[int], clerk: NamedDependency[Clerk]) -> CampaignReport:
    """Figures are those of the present simulated instant."""
    return await clerk.ask(DescribeCampaign(campaign=campaign))


@get(
    f"{CALLS}/status",
    media_type=MediaType.JSON,
    operation=Operation(
        tag=CAMPAIGN,
        summary="Read the campaign's status",
        parameters=(TOKEN,),
        answer="The status alone, as JSON text",
        answer_example="inProcess",
    ),
)
async def get_campaign_status(campaign: NamedDependency[int], clerk: NamedDependency[Clerk]) -> CampaignStatus:
    """`planned` before the campaign's start, `finished` after its end or when it was stopped."""
    return (await clerk.ask(DescribeCampaign(campaign=campaign))).status


def _control(summary: str) -> Operation:
    return Operation(
        tag=CAMPAIGN,
        summary=summary,
        parameters=(TOKEN,),
        answer="It is done; the answer has no body",
        errors=("invalid.call.task.state",),
    )


@post(f"{CALLS}/control/pause", status_code=200, operation=_control("Pause the campaign"))
async def pause_campaign(campaign: NamedDependency[int], clerk: NamedDependency[Clerk]) -> None:
    """Calls in progress go on to their end, and none is made. Time, windows and retries go on."""
    await clerk.ask(Control(campaign=campaign, action="pause"))


@post(f"{CALLS}/control/resume", status_code=200, operation=_control("Let the campaign go on after a pause"))
async def resume_campaign(campaign: NamedDependency[int], clerk: NamedDependency[Clerk]) -> None:
    """Calls are made again from the present instant on."""
    await clerk.ask(Control(campaign=campaign, action="resume"))


@post(f"{CALLS}/control/stop", status_code=200, operation=_control("Stop the campaign for good"))
async def stop_campaign(campaign: NamedDependency[int], clerk: NamedDependency[Clerk]) -> None:
    """Every job that has not ended ends as `notDone`; nothing can be added any more."""
    await clerk.ask(Control(campaign=campaign, action="stop"))


calls_api = Router(
    "/",
    route_handlers=[
        add_phones,
        add_phone,
        add_phone_by_query,
        test_add_phone,
        cancel_jobs,
        get_job_reports,
        get_attempt_reports,
        get_job_reports_by_date,
        get_unfinished_jobs,
        get_attempt_reports_by_date,
        get_campaign,
        get_campaign_status,
        pause_campaign,
        resume_campaign,
        stop_campaign,
    ],
    dependencies={"campaign": Provide(campaign_of, sync_to_thread=False)},
)
"""All methods whose path has a token."""
