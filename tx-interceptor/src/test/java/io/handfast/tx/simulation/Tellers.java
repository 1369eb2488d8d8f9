package io.handfast.tx.simulation;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.participant.ParticipantEvent;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Who tells a branch its outcome, and waits for what it says. Confined to the world. */
final class Tellers {
  private final Sidecar sidecar;
  private final Set<SimCoordinator> waiting = new HashSet<>();

  Tellers(Sidecar sidecar) {
    this.sidecar = sidecar;
  }

  void told(Outcome outcome, boolean awaited, SimCoordinator teller) {
    waiting.add(teller);
    if (sidecar.heuristic().takes(outcome)) {
      return;
    }
    BranchOutcome ended = sidecar.asked().outcome();
    int node = sidecar.node();
    if (sidecar.machine().contradictsAbsence(outcome)) {
      acknowledge(Acknowledgement.WORKING);
    } else if (sidecar.branch() != null) {
      sidecar.step(new ParticipantEvent.Told(outcome, awaited));
      sidecar.world.onHost(
          sidecar.host().number,
          node + " outcome call times out",
          () -> {
            if (!waiting.isEmpty()) {
              acknowledge(Acknowledgement.WORKING);
            }
          });
    } else if (ended != null) {
      acknowledge(agrees(ended, outcome) ? Acknowledgement.DONE : Acknowledgement.HAZARD);
    } else if (sidecar.world.scenario.isBlock(node)) {
      sidecar.machine().told(outcome, awaited);
    } else if (outcome == Outcome.COMMIT && sidecar.store() instanceof SimEtcd etcd) {
      etcd.answers()
          .acknowledged(
              Scenario.TX,
              sidecar.facts().key(),
              sidecar.facts().service(),
              outcome,
              said -> acknowledge(said == null ? Acknowledgement.WORKING : said.acknowledgement()));
    } else {
      acknowledge(Acknowledgement.DONE); // T16: of a branch that is not known
    }
  }

  private static boolean agrees(BranchOutcome ended, Outcome outcome) {
    return switch (ended) {
      case COMMITTED -> outcome == Outcome.COMMIT;
      case ABORTED -> outcome == Outcome.ABORT;
      case READ_ONLY -> true;
      case HAZARD -> false;
    };
  }

  void acknowledge(Acknowledgement acknowledgement) {
    List<SimCoordinator> all = List.copyOf(waiting);
    waiting.clear();
    all.forEach(
        teller -> teller.acknowledgedBy(sidecar.node(), sidecar.host().number, acknowledgement));
  }

  /** Who tells from elsewhere finds out. */
  void crash() {
    for (SimCoordinator teller : waiting) {
      if (teller.isElsewhere(sidecar.host())) {
        teller.undelivered(sidecar.node());
      }
    }
    waiting.clear();
  }
}
