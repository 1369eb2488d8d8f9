package io.handfast.tx.simulation;

import io.handfast.tx.core.Answer;
import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.port.TransactionStore.Durability;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a coordinator asks of a branch, to prepare or to decide, and what the branch asks of it. Who
 * asks waits for a while, and is then told that the branch is at work. Confined to the world.
 */
final class Asked {
  private final Sidecar sidecar;
  private boolean promiseWaits;
  private boolean decisionWaits;

  /** Of a branch that is over, as long as the sidecar lives. */
  private @Nullable BranchOutcome outcome;

  Asked(Sidecar sidecar) {
    this.sidecar = sidecar;
  }

  void prepare() {
    promiseWaits = true;
    if (sidecar.branch() == null) {
      promise(Vote.ABORT, "not in flight");
      return;
    }
    sidecar.step(new ParticipantEvent.PrepareRequested());
    patience(
        "prepare",
        () -> {
          if (promiseWaits) {
            promise(Vote.ASK, "");
          }
        });
  }

  void promise(Vote vote, String reason) {
    // Who has promised may not take it back, and says no of what a former life has said.
    boolean promised = sidecar.world.votedYes.contains(sidecar.node());
    if (sidecar.branch() != null && !(promised && vote == Vote.ABORT)) {
      sidecar.noteVotes(List.of(sidecar.facts().vote(vote, reason)), sidecar.node() == 0);
    }
    if (promiseWaits) {
      promiseWaits = false;
      sidecar.world.coordinator().promisedBy(sidecar.node(), vote, reason);
    }
  }

  void delegate() {
    decisionWaits = true;
    if (sidecar.branch() == null) {
      decided(remembered());
      return;
    }
    sidecar.step(new ParticipantEvent.DelegationRequested());
    patience(
        "delegation",
        () -> {
          if (decisionWaits) {
            decided(Answer.PENDING);
          }
        });
  }

  /** Its own decision is forced. AC3: nobody has said no, and nobody else has to commit. */
  void decide() {
    World world = sidecar.world;
    int node = sidecar.node();
    for (int no : world.votedNo) {
      if (!world.scenario.mayBeStruck(no)) {
        world.violations.add(node + " decided against the no of " + no + " (AC3)");
      }
    }
    for (int yes : world.votedYes) {
      if (!world.scenario.mayBeStruck(yes)) {
        world.violations.add(node + " decided alone beside " + yes + " (AC3)");
      }
    }
    world.votedYes.add(node);
    if (sidecar.store().isStopped() || world.storeRefuses()) {
      ParticipantEvent refused =
          new ParticipantEvent.WriteFailed(ParticipantEvent.Write.OWN_DECISION, "full");
      world.later(node, node + " store refuses its decision", () -> sidecar.step(refused));
      return;
    }
    sidecar
        .store()
        .write(
            new Entry.Decided(node),
            Durability.FORCED,
            new SimStore.Told() {
              @Override
              public void durable() {
                sidecar.step(new ParticipantEvent.RecordDurable());
              }

              @Override
              public void refused() {
                sidecar.step(
                    new ParticipantEvent.WriteFailed(
                        ParticipantEvent.Write.OWN_DECISION, "stopped"));
              }

              @Override
              public void inDoubt() {
                sidecar.step(new ParticipantEvent.OwnDecisionInDoubt("disk"));
              }
            });
  }

  /** The branch asks its decider. */
  void inquire(boolean mayAbort) {
    if (sidecar.store() instanceof SimEtcd etcd) {
      SimCoordinator local = sidecar.host().coordinator;
      if (local != null && local.state() != null) {
        Answer answer = local.answer(key(), handle());
        sidecar.world.story().tell(() -> "  " + sidecar.node() + " inquires of its own sidecar");
        sidecar.step(new ParticipantEvent.InquiryAnswered(answer));
      } else {
        etcd.answers()
            .inquire(Scenario.TX, key(), handle(), mayAbort, this::answered, sidecar::takenOver);
      }
      return;
    }
    inquire(this::answered);
  }

  private ParticipantKey key() {
    return (isBlock() ? sidecar.machine().facts() : sidecar.facts()).key();
  }

  private String handle() {
    return isBlock() ? sidecar.machine().handle() : "";
  }

  private boolean isBlock() {
    return sidecar.world.scenario.isBlock(sidecar.node());
  }

  private void answered(@Nullable Answer answer) {
    sidecar.step(
        answer == null
            ? new ParticipantEvent.InquiryUnanswered()
            : new ParticipantEvent.InquiryAnswered(answer));
  }

  /** Asks the coordinator; told null if it does not answer. */
  void inquire(Consumer<@Nullable Answer> told) {
    World world = sidecar.world;
    Host host = sidecar.host();
    Host decider = world.hosts.getFirst();
    ParticipantKey key = key();
    String handle = handle();
    int lifeNow = host.life();
    Runnable unanswered =
        () -> {
          if (host.life() == lifeNow) {
            told.accept(null);
          }
        };
    world.send(
        host.number,
        0,
        sidecar.node() + " inquires",
        () -> {
          if (!decider.isUp()) {
            unanswered.run();
            return;
          }
          Answer answer = world.coordinator().answer(key, handle);
          world.send(
              0,
              host.number,
              sidecar.node() + " is answered " + answer,
              () -> {
                if (host.life() == lifeNow) {
                  told.accept(answer);
                }
              },
              unanswered);
        },
        unanswered);
  }

  private Answer remembered() {
    return switch (outcome == null ? BranchOutcome.HAZARD : outcome) {
      case COMMITTED, READ_ONLY -> Answer.COMMITTED;
      case ABORTED -> Answer.ABORTED;
      case HAZARD -> Answer.NOT_MINE;
    };
  }

  void decided(Answer answer) {
    boolean decided = sidecar.store().everDecided().contains(sidecar.facts().id());
    boolean updates = sidecar.world.services.get(sidecar.node()).effect() != Service.Effect.NONE;
    if (answer == Answer.COMMITTED && !decided && updates) {
      sidecar.world.violations.add(
          sidecar.node() + " said committed before its decision was durable");
    } else if (answer == Answer.ABORTED && decided) {
      sidecar.world.violations.add(sidecar.node() + " said aborted, and its decision was durable");
    }
    if (decisionWaits) {
      decisionWaits = false;
      sidecar.world.coordinator().decidedBy(sidecar.node(), answer);
    }
  }

  private void patience(String what, Runnable over) {
    sidecar.world.timer(
        sidecar.host().number, sidecar.node() + " " + what + " call times out", over);
  }

  void remember(BranchOutcome ended) {
    outcome = ended;
  }

  @Nullable BranchOutcome outcome() {
    return outcome;
  }

  void over(@Nullable ParticipantState state) {
    if (state instanceof ParticipantState.Ended ended) {
      outcome = ended.outcome();
    }
  }

  void crash() {
    if (promiseWaits && sidecar.host().number != 0) {
      sidecar.world.coordinator().unpromised(sidecar.node());
    }
    if (decisionWaits && sidecar.host().number != 0) {
      sidecar.world.coordinator().undecided(sidecar.node());
    }
    promiseWaits = false;
    decisionWaits = false;
    outcome = null;
  }
}
