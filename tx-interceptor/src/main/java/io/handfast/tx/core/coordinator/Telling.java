package io.handfast.tx.core.coordinator;

import io.handfast.tx.core.Blame;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.coordinator.CoordinatorEffect.AnswerFailure;
import io.handfast.tx.core.coordinator.CoordinatorEffect.Failure;
import io.handfast.tx.core.coordinator.CoordinatorEffect.ReleaseResponse;
import io.handfast.tx.core.coordinator.CoordinatorEffect.ReportHazard;
import io.handfast.tx.core.coordinator.CoordinatorEffect.SendOutcome;
import io.handfast.tx.core.coordinator.CoordinatorEffect.StartTimer;
import io.handfast.tx.core.coordinator.CoordinatorState.Hazard;
import io.handfast.tx.core.coordinator.Deliveries.Delivery;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Deliveries, and hazards found on the way, that change while the effects that belong to them are
 * collected. Confined to one step.
 */
final class Telling {
  private Deliveries deliveries;
  private List<Hazard> hazards;
  private final List<CoordinatorEffect> effects = new ArrayList<>();

  Telling(Deliveries deliveries, List<Hazard> hazards) {
    this.deliveries = deliveries;
    this.hazards = hazards;
  }

  List<Hazard> hazards() {
    return hazards;
  }

  Deliveries deliveries() {
    return deliveries;
  }

  List<CoordinatorEffect> effects() {
    return effects;
  }

  Telling add(CoordinatorEffect effect) {
    effects.add(effect);
    return this;
  }

  /**
   * One of a participant is shown to a person, however often it is told and in whatever words; true
   * for the first.
   */
  boolean hazard(BranchVote branch, ParticipantKey participant, String detail) {
    for (Hazard known : hazards) {
      if (known.participant().equals(participant)) {
        return false;
      }
    }
    hazards = new ArrayList<>(hazards);
    hazards.add(new Hazard(participant, branch.service(), detail));
    add(new ReportHazard(participant, detail));
    return true;
  }

  /** The client's answer where it is no success; a hazard that is known is told instead (T21). */
  Telling answerFailure(Failure failure, @Nullable Blame blame, String detail) {
    return hazards.isEmpty()
        ? add(new AnswerFailure(failure, blame, detail))
        : add(new AnswerFailure(Failure.HAZARD, hazards.getFirst().blame(), ""));
  }

  /** The client's answer where it is a success, as far as is known. */
  Telling answerCommitted() {
    return hazards.isEmpty()
        ? add(new ReleaseResponse())
        : add(new AnswerFailure(Failure.HAZARD, hazards.getFirst().blame(), ""));
  }

  /** Tells each for the first time, all at once; whom an outcome was told before is left alone. */
  Telling tell(List<BranchVote> branches, Outcome outcome, boolean awaited) {
    Map<ParticipantKey, Delivery> told = new LinkedHashMap<>();
    for (BranchVote branch : branches) {
      ParticipantKey key = branch.key();
      if (key != null
          && deliveries.get(key) == null
          && told.putIfAbsent(key, new Delivery(branch, outcome, 1)) == null) {
        effects.add(new SendOutcome(branch, outcome, 1, awaited));
      }
    }
    deliveries = deliveries.with(told);
    return this;
  }

  /** Not delivered: told again after a while. Of nobody who is owed anything, this is late. */
  Telling later(ParticipantKey participant) {
    Delivery delivery = deliveries.get(participant);
    if (delivery != null) {
      effects.add(new StartTimer(TimerKind.REDELIVER, participant, delivery.attempt()));
    }
    return this;
  }

  Telling again(@Nullable ParticipantKey participant, boolean awaited) {
    Delivery delivery = participant == null ? null : deliveries.get(participant);
    if (participant != null && delivery != null) {
      Delivery next = delivery.again();
      deliveries = deliveries.with(participant, next);
      effects.add(new SendOutcome(next.branch(), next.outcome(), next.attempt(), awaited));
    }
    return this;
  }

  Telling settled(ParticipantKey participant) {
    deliveries = deliveries.without(List.of(participant));
    return this;
  }

  Telling giveUp(Outcome outcome) {
    deliveries =
        deliveries.without(
            deliveries.owed().entrySet().stream()
                .filter(entry -> entry.getValue().outcome() == outcome)
                .map(Map.Entry::getKey)
                .toList());
    return this;
  }
}
