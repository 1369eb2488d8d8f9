package io.handfast.tx.engine;

import io.handfast.transaction.v1.Answer;
import io.handfast.transaction.v1.InquireItem;
import io.handfast.tx.engine.base.Bounds;
import io.handfast.tx.engine.base.Messages;
import io.handfast.tx.port.Peers;

/**
 * Tells the coordinator that COMMIT of a block was carried out here in the place of the participant
 * that voted, which may be lost: it would tell that one for ever (T16). Asked again while the
 * decision stands somewhere else than where it was told, for as long as a transaction may take.
 * Confined to the engine's loop.
 */
final class CarriedOut {
  private final Wiring wiring;
  private final ParticipantDriver driver;
  private final String handle;
  private final long untilNanos;

  CarriedOut(Wiring wiring, ParticipantDriver driver, String handle) {
    this.wiring = wiring;
    this.driver = driver;
    this.handle = handle;
    this.untilNanos = wiring.loop().nanoTime() + Bounds.MAX_TIMEOUT.toNanos();
  }

  void tell() {
    var key = driver.key();
    CoordinatorDriver here = wiring.tables().coordinator(key.tx());
    if (here != null) {
      here.carriedOut(key.branch(), handle, wiring.config().service());
    } else if (wiring.shared().isShared() || !wiring.stores().holds(driver.decider().store())) {
      tell(1);
    }
  }

  private void tell(int attempt) {
    var key = driver.key();
    InquireItem item =
        InquireItem.newBuilder()
            .setTxId(Messages.bytes(key.tx()))
            .setBranchId(key.branch().bits())
            .setDecider(driver.decider().store().value())
            .setParticipant(driver.branch().participant().toString())
            .setHandle(handle)
            .setCarriedOut(true)
            .build();
    wiring
        .peers()
        .inquire(
            driver.decider().authority().toString(),
            item,
            new Peers.Reply<>() {
              @Override
              public void onResult(Peers.Inquired inquired) {
                if (inquired.result().getAnswer() == Answer.PENDING) {
                  wiring.loop().execute(() -> later(attempt));
                }
              }

              @Override
              public void onFailure(String reason) {
                wiring.loop().execute(() -> later(attempt));
              }
            });
  }

  private void later(int attempt) {
    if (wiring.loop().nanoTime() - untilNanos < 0) {
      wiring.loop().schedule(wiring.backoff().nanos(attempt), () -> tell(attempt + 1));
    }
  }
}
