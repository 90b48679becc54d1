from dataclasses import dataclass

from application.conversations.briefing import Briefing, CompanionWork
from application.conversations.citations import Citations
from application.conversations.companion_toolbox import COMPANION_TOOLS, CompanionToolbox
from application.conversations.recall import Recall
from application.ports.clock import Clock
from application.ports.unit_of_work import Begin
from domain.conversations.companion_prompt import companion_prompt
from domain.conversations.reply_prompt import Addressee, ReplyFacts


@dataclass(frozen=True, slots=True)
class BriefCompanion:
    """Has a companion recall what it knows of its user before it replies."""

    begin: Begin[CompanionWork]
    recall: Recall
    clock: Clock

    async def __call__(self, facts: ReplyFacts, addressee: Addressee) -> Briefing:
        """What the reply to the last message is made from."""
        now = self.clock.now()
        prompt = companion_prompt(facts, addressee, await self.recall(facts, addressee, now), now)
        citations = Citations(passage.source for passage in prompt.passages)
        return Briefing(
            prompt=prompt,
            offered=COMPANION_TOOLS,
            tools=lambda run, claim: CompanionToolbox(
                begin=self.begin,
                retrieve=self.recall.retrieve,
                clock=self.clock,
                facts=facts,
                addressee=addressee,
                citations=citations,
                run=run,
                claim=claim,
            ),
            citations=citations,
        )
