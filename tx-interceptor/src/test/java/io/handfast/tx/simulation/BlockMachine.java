package io.handfast.tx.simulation;

import io.handfast.transaction.v1.Record;
import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Answer;
import io.handfast.tx.core.Authority;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.simulation.Service.Effect;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a sidecar does for a block that is prepared, as the engine does: for its own, for what it
 * finds, and from a handle alone for what it does not know (T16). Confined to the world.
 */
final class BlockMachine {
  private final Sidecar self;
  private final World world;
  private final int node;

  /** What its database is called by whoever found it. */
  private String name = Scenario.BANK;

  /** Found by a scan that goes on: if it is there no more, another has ended it. */
  private boolean taken;

  /** Another may have voted for it, and is told for ever. */
  private boolean tellsCarriedOut;

  /** The life in which what is prepared was committed from here; -1 if it was not. */
  private int committedIn = -1;

  /** ABORT was answered, from absence perhaps (T15). */
  private boolean abortInquired;

  BlockMachine(Sidecar self) {
    this.self = self;
    this.world = self.world;
    this.node = self.node();
  }

  /** Under this sidecar's address, whoever has voted. */
  Branch facts() {
    Branch branch = self.facts();
    return new Branch(
        branch.tx(),
        branch.id(),
        new Authority(self.host().authority(), 15014),
        branch.store(),
        branch.service(),
        branch.mode(),
        branch.durability(),
        false);
  }

  /** By which its decider knows it. */
  String handle() {
    return Scenario.handle(name, node);
  }

  /** A scan shows it, or does not. */
  void found(boolean there, String by) {
    if (there && self.branch() == null && !self.block().isAwaited()) {
      takeUp(by);
      taken = true;
    } else if (!there && taken && self.branch() instanceof ParticipantState.Prepared) {
      endedElsewhere();
    }
  }

  /** Whether a scan has to come for it, or to come back. */
  boolean isToBeFound() {
    return self.branch() == null
        ? self.block().transaction().effect() == Effect.RESERVED && !self.block().isAwaited()
        : taken;
  }

  private void takeUp(String by) {
    world.story().tell(() -> "  " + node + " is found by " + self.host().authority());
    name = by;
    tellsCarriedOut = true;
    self.begin(facts(), new ParticipantEvent.Recovered(ParticipantEvent.Found.PREPARED, false));
  }

  /** Another has ended what is prepared: how, its database knows. */
  private void endedElsewhere() {
    world.story().tell(() -> "  " + node + " was ended elsewhere");
    self.giveUp();
    over();
  }

  void over() {
    name = Scenario.BANK;
    taken = false;
    tellsCarriedOut = false;
    abortInquired = false;
  }

  void stepped(ParticipantState before, ParticipantEvent event) {
    if (before instanceof ParticipantState.Prepared) {
      abortInquired = event instanceof ParticipantEvent.InquiryAnswered;
    }
  }

  /** COMMIT is told behind an ABORTED from absence: its database says which is stale (T15). */
  boolean contradictsAbsence(Outcome outcome) {
    return outcome == Outcome.COMMIT
        && abortInquired
        && self.branch() instanceof ParticipantState.Cancelling
        && world.scenario.isBlock(node);
  }

  /** COMMIT PREPARED or ROLLBACK PREPARED: on its way it outlives who sent it. */
  void complete(Outcome outcome) {
    int life = self.host().life();
    world.outside(
        node + " " + outcome + " PREPARED",
        () -> {
          boolean failed = self.block().database().isDown() || world.completionFails();
          if (!failed && self.block().transaction().effect() == Effect.RESERVED) {
            self.block()
                .transaction()
                .is(outcome == Outcome.COMMIT ? Effect.CONFIRMED : Effect.CANCELLED);
            committedIn = outcome == Outcome.COMMIT ? life : -1;
          }
          Acknowledgement said =
              failed || world.answerIsLost() ? Acknowledgement.WORKING : became(outcome);
          if (self.host().life() == life && self.isUp()) {
            world.onHost(
                self.host().number,
                node + " " + outcome + " PREPARED " + said,
                () -> completed(outcome, said));
          }
        });
  }

  private void completed(Outcome outcome, Acknowledgement said) {
    switch (said) {
      case DONE -> {
        boolean tells = tellsCarriedOut && outcome == Outcome.COMMIT;
        String handle = handle();
        self.step(new ParticipantEvent.CompletionSucceeded());
        if (tells) {
          tellCarriedOut(handle);
        }
      }
      case WORKING -> self.step(new ParticipantEvent.CompletionFailed("not now"));
      default -> {
        if (outcome == Outcome.ABORT && abortInquired) {
          endedElsewhere(); // ABORTED was stale
        } else {
          self.step(new ParticipantEvent.CompletionRefused(outcome + " PREPARED"));
        }
      }
    }
  }

  /** What pg_xact_status says. */
  private Acknowledgement became(Outcome outcome) {
    return switch (self.block().transaction().effect()) {
      case NONE, RESERVED -> Acknowledgement.WORKING;
      case CONFIRMED -> outcome == Outcome.COMMIT ? Acknowledgement.DONE : Acknowledgement.HAZARD;
      case CANCELLED -> outcome == Outcome.ABORT ? Acknowledgement.DONE : Acknowledgement.HAZARD;
    };
  }

  /** An outcome of what nobody here knows: the database is looked through first. */
  void told(Outcome outcome, boolean awaited) {
    self.host().scanner.look(found -> scanned(outcome, awaited, found));
  }

  private void scanned(Outcome outcome, boolean awaited, @Nullable Set<Integer> found) {
    if (found == null) {
      self.acknowledge(Acknowledgement.WORKING);
      return;
    }
    if (self.branch() == null && found.contains(node)) {
      takeUp(Scenario.BANK);
    }
    if (self.branch() != null) {
      self.step(new ParticipantEvent.Told(outcome, awaited));
      return;
    }
    // Prepared no more, not yet, or not shown: nothing is ended (T20).
    Acknowledgement said =
        self.block().database().isDown() ? Acknowledgement.WORKING : became(outcome);
    if (said == Acknowledgement.HAZARD) {
      world.violations.add(
          node + " told " + outcome + " and is " + self.block().transaction().effect());
    }
    self.acknowledge(said);
  }

  /** Whoever tells it does not decide it: what is prepared says who does (T20). */
  void toldByStranger(Outcome outcome) {
    if (!self.isUp() || self.branch() != null || self.asked().outcome() != null) {
      return; // its decider is known
    }
    world.story().tell(() -> "  a stranger tells " + node + " " + outcome);
    self.host()
        .scanner
        .look(found -> {
          if (self.branch() == null && found != null && found.contains(node)) {
            takeUp(Scenario.BANK);
          } else if (self.branch() == null && world.machines.endsUnseen()) {
            complete(outcome);
          }
        });
  }

  /** Who has committed it lives, and says so to whoever has to hear it. */
  boolean hasCommitted() {
    return self.isUp() && committedIn == self.host().life();
  }

  /** The transaction runs, or on etcd another replica tells its decision. */
  private boolean isUnheard(String handle) {
    SimCoordinator asked = world.coordinator();
    return asked.state() == null
        ? world.owed().stream().anyMatch(Record::hasDecision)
        : asked.answer(facts().key(), handle) == Answer.PENDING;
  }

  /** To the coordinator, which may wait for a sidecar that is lost (T16). */
  private void tellCarriedOut(String handle) {
    Host host = self.host();
    SimCoordinator here = host.coordinator;
    if (here != null && here.state() != null) {
      here.carriedOut(node, handle);
      return;
    }
    int life = host.life();
    Runnable again =
        () -> {
          if (host.life() == life && !world.hosts.getFirst().lost) {
            world.timer(
                host.number, node + " tells that it is committed", () -> tellCarriedOut(handle));
          }
        };
    world.send(
        host.number,
        0,
        node + " is committed",
        () -> {
          if (!world.hosts.getFirst().isUp()) {
            again.run();
            return;
          }
          world.coordinator().carriedOut(node, handle);
          boolean pending = isUnheard(handle);
          world.send(
              0,
              host.number,
              node + " was heard" + (pending ? " in vain" : ""),
              pending ? again : () -> {},
              again);
        },
        again);
  }
}
