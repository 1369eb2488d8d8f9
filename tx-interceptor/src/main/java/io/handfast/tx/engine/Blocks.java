package io.handfast.tx.engine;

import io.handfast.tx.context.BlockHandle;
import io.handfast.tx.context.GlobalId;
import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.Decider;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.PeerIdentity;
import io.handfast.tx.core.Protocol;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.engine.answer.Told;
import io.handfast.tx.engine.base.BranchKey;
import io.handfast.tx.engine.base.BranchRecords;
import io.handfast.tx.engine.base.Remembered;
import io.handfast.tx.engine.observe.EngineMeters;
import io.handfast.tx.port.Databases;
import io.handfast.tx.port.Databases.Completed;
import io.handfast.tx.port.Databases.Scan;
import io.handfast.tx.resource.DatabaseResource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The branches that are prepared in databases: their machines, and what is done for those that
 * nobody here knows, from what the database says alone (T16). Confined to the engine's loop.
 */
final class Blocks {
  private static final Logger log = LoggerFactory.getLogger(Blocks.class);

  /** Who waits for the scan of a database that is under way, and for the one after it. */
  private static final class Asked {
    List<Consumer<Scan>> now = new ArrayList<>();
    List<Consumer<Scan>> next = new ArrayList<>();
  }

  private final Map<String, Asked> scans = new HashMap<>();
  private @Nullable Wiring wired;

  /** Once, before anything is asked. */
  void wire(Wiring wiring) {
    wired = wiring;
  }

  private Wiring wiring() {
    return Objects.requireNonNull(wired, "wired");
  }

  /**
   * The machine of a block; its first event is the caller's.
   *
   * @param words what other branches of the transaction are told of it
   */
  ParticipantDriver machine(
      BranchKey key, Decider decider, BlockHandle handle, long deadlineNanos, String words) {
    Branch branch = branch(key);
    long remainingMs = Math.max(0, deadlineNanos - wiring().loop().nanoTime()) / 1_000_000;
    BranchRecords records =
        BranchRecords.inResource(branch, decider, remainingMs, handle.toString());
    ParticipantDriver driver =
        new ParticipantDriver(
            wiring(),
            branch,
            ParticipantLink.ofBlock(decider, deadlineNanos, records, handle),
            wiring().loop().epochMillis());
    wiring().tables().add(key, driver);
    wiring().tables().preparedHere().add(key, handle.database(), words);
    return driver;
  }

  /** Under this sidecar's own address, whoever has voted: whoever asks with the handle is told. */
  private Branch branch(BranchKey key) {
    return new Branch(
        key.tx(),
        key.branch(),
        wiring().config().authority(),
        wiring().storeId(),
        wiring().config().service(),
        DatabaseResource.MODE,
        Branch.Durability.IN_RESOURCE,
        false,
        false,
        Protocol.TWO_PHASE);
  }

  /**
   * Takes up what is prepared and nobody here knows: it asks the decider that its name says (T13).
   *
   * @param age since it was prepared
   */
  ParticipantDriver takeUp(GlobalId found, String database, Duration age) {
    BranchKey key = new BranchKey(found.tx(), found.branch());
    Decider decider =
        new Decider(
            found.decider(),
            found.authority(),
            found.digest() == null ? null : PeerIdentity.ofDigest(found.digest()));
    // Its own deadline is not known; that of any transaction is over then.
    long most = wiring().config().limits().time().minus(age).toNanos();
    log.atInfo()
        .addKeyValue("txId", key.tx())
        .addKeyValue("branchId", key.branch())
        .log("block: found prepared in database {} for {}: its decider is asked", database, age);
    ParticipantDriver driver =
        machine(
            key,
            decider,
            found.handle(database),
            wiring().loop().nanoTime() + Math.max(0, most),
            "block " + found.block() + " of transaction " + found.tx());
    driver.effects().tellWhenCarriedOut();
    driver.handle(new ParticipantEvent.Recovered(ParticipantEvent.Found.PREPARED, false));
    return driver;
  }

  /**
   * What is prepared in a database at a moment after this one; who asks while that is looked for is
   * told by the same answer, on the loop.
   */
  void scan(String database, Consumer<Scan> reply) {
    Asked asked = scans.get(database);
    if (asked != null) {
      asked.next.add(reply);
      return;
    }
    asked = new Asked();
    asked.now.add(reply);
    scans.put(database, asked);
    ask(database, asked);
  }

  private void ask(String database, Asked asked) {
    wiring()
        .databases()
        .prepared(
            database, found -> wiring().loop().execute(() -> answered(database, asked, found)));
  }

  private void answered(String database, Asked asked, Scan found) {
    List<Consumer<Scan>> told = asked.now;
    asked.now = asked.next;
    asked.next = new ArrayList<>();
    if (asked.now.isEmpty()) {
      scans.remove(database);
    } else {
      ask(database, asked);
    }
    told.forEach(reply -> reply.accept(found));
  }

  /** Whether an outcome can be carried out here from this handle. */
  boolean canComplete(String handle) {
    BlockHandle block = handle.isEmpty() ? null : BlockHandle.parse(handle);
    return block != null && wiring().databases().names().contains(block.database());
  }

  /**
   * An outcome of a block that nobody here knows: after a restart, or voted by a replica. What is
   * prepared says whose outcome it carries out (T20); where nothing is any more, the database says
   * what became of it.
   */
  void told(
      BranchKey key,
      String handle,
      Outcome outcome,
      boolean awaited,
      Remembered.@Nullable Teller teller,
      Consumer<Told> reply) {
    BlockHandle block = BlockHandle.parse(handle);
    if (block == null || !canComplete(handle)) {
      reply.accept(
          new Told(
              Acknowledgement.ANOTHER_STORE,
              "handle: "
                  + handle
                  + " (expected: of a database that is configured at the participant)"));
      return;
    }
    scan(
        block.database(),
        found -> {
          switch (found) {
            case Scan.Failed _ -> reply.accept(Told.WORKING);
            case Scan.Found it -> {
              Databases.Prepared prepared =
                  prepared(it, block.globalIdPrefix(key.tx(), key.branch()));
              GlobalId id = prepared == null ? null : GlobalId.parse(prepared.globalId());
              if (wiring().tables().participant(key) == null && prepared != null && id != null) {
                takeUp(id, block.database(), prepared.age());
              }
              if (wiring().tables().participant(key) == null) {
                gone(key, block, outcome, reply);
              } else {
                OutcomeDesk.told(wiring(), key, handle, outcome, awaited, teller, reply);
              }
            }
          }
        });
  }

  private static Databases.@Nullable Prepared prepared(Scan.Found scan, String prefix) {
    for (Databases.Prepared one : scan.prepared()) {
      if (one.globalId().startsWith(prefix)) {
        return one;
      }
    }
    return null;
  }

  /** Prepared no more, not yet, or not shown: what the database knows of it is the answer. */
  private void gone(BranchKey key, BlockHandle block, Outcome outcome, Consumer<Told> reply) {
    new BlockCompletion(wiring())
        .became(
            key,
            block,
            outcome,
            completed ->
                reply.accept(
                    switch (completed) {
                      case Completed.Done _ -> new Told(Acknowledgement.DONE, "");
                      case Completed.Failed _ -> Told.WORKING;
                      case Completed.Contradicted it -> hazard(key, outcome, it.reason());
                    }));
  }

  private Told hazard(BranchKey key, Outcome outcome, String reason) {
    String detail = BlockCompletion.statement(outcome) + ": " + reason;
    wiring().meters().heuristic(EngineMeters.Heuristic.HAZARD);
    log.atError()
        .addKeyValue("txId", key.tx())
        .addKeyValue("branchId", key.branch())
        .log("block: heuristic hazard: {}", detail);
    return new Told(Acknowledgement.HAZARD, detail);
  }
}
