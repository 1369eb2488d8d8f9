package io.handfast.tx.simulation;

import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.engine.base.OnceMore;
import java.util.function.Consumer;

/**
 * How a Try is undone once more whose branch was lost, as the engine does. Confined to the world.
 */
final class LostTry implements OnceMore.Means {
  private final Sidecar sidecar;
  private final SimEtcd etcd;
  private final int life;

  LostTry(Sidecar sidecar, SimEtcd etcd) {
    this.sidecar = sidecar;
    this.etcd = etcd;
    this.life = sidecar.host().life();
  }

  @Override
  public void fate(Consumer<OnceMore.Fate> reply) {
    var branch = sidecar.facts();
    etcd.answers()
        .fate(
            Scenario.TX,
            branch.key(),
            branch.service(),
            fate -> {
              if (sidecar.host().life() == life) {
                reply.accept(fate);
              }
            });
  }

  @Override
  public void cancel(int attempt, Consumer<Boolean> over) {
    sidecar
        .world
        .story()
        .tell(
            () -> "  " + sidecar.node() + " is undone once more at " + sidecar.host().authority());
    sidecar.complete(
        Outcome.ABORT, event -> over.accept(!(event instanceof ParticipantEvent.CompletionFailed)));
  }

  @Override
  public void over() {}

  @Override
  public void later(int attempt, Runnable again) {
    sidecar.world.timer(sidecar.host().number, sidecar.node() + " once more", again);
  }
}
