package io.handfast.tx.engine;

import com.google.protobuf.InvalidProtocolBufferException;
import io.handfast.transaction.v1.Record;
import io.handfast.tx.journal.AppendCallback;
import io.handfast.tx.journal.AppendResult;
import io.handfast.tx.journal.Journal;
import io.handfast.tx.journal.JournalFailure;
import io.handfast.tx.journal.JournalOpenException;
import io.handfast.tx.journal.JournalOptions;
import io.handfast.tx.journal.JournalRuntime;
import io.handfast.tx.journal.JournalStats;
import io.handfast.tx.journal.ReplayVisitor;
import io.handfast.tx.port.EngineLoop;
import io.handfast.tx.port.TransactionStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store on a journal: one {@link Record} is one record of the journal. Confined to the engine's
 * loop but for {@link #health}.
 */
public final class JournalStore implements TransactionStore, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(JournalStore.class);

  /** How long nothing new is begun after a record found no room: time for a checkpoint. */
  private static final long FULL_PAUSE_NANOS = 1_000_000_000;

  /**
   * How long no checkpoint is offered after the journal refused one: each asks all that is live.
   */
  private static final long CHECKPOINT_PAUSE_NANOS = 1_000_000_000;

  private static final Health READY = new Health.Ready();

  private final Journal journal;
  private final EngineLoop loop;
  private List<Record> recovered;
  private volatile Health health = READY;
  private volatile boolean stopped;
  private boolean checkpointPause;

  JournalStore(Journal journal, EngineLoop loop, List<Record> recovered) {
    this.journal = journal;
    this.loop = loop;
    this.recovered = recovered;
  }

  /**
   * Opens the journal and reads all of it. Blocks: not for an event loop. To be closed by {@link
   * #close} after the loop has stopped.
   *
   * @param random draws the store-id of a new journal: a secure source
   * @throws JournalOpenException if it cannot be read, or holds a record that this version does not
   *     understand
   */
  public static JournalStore open(JournalOptions options, RandomGenerator random, EngineLoop loop)
      throws JournalOpenException {
    List<Record> records = new ArrayList<>();
    AtomicReference<@Nullable String> failure = new AtomicReference<>();
    AtomicReference<@Nullable JournalStore> store = new AtomicReference<>();
    JournalRuntime runtime =
        new JournalRuntime(
            loop::nanoTime,
            random,
            loop,
            stopped -> {
              failure.set(stopped.reason());
              JournalStore opened = store.get();
              if (opened != null) {
                opened.failed(stopped.reason());
              }
            });
    Journal journal =
        Journal.open(
            options,
            runtime,
            new ReplayVisitor() {
              @Override
              public void onCheckpointed(long uptoLsn, byte[] payload) {
                records.add(parse(payload));
              }

              @Override
              public void onRecord(long lsn, byte[] payload) {
                records.add(parse(payload));
              }
            });
    JournalStore opened = new JournalStore(journal, loop, records);
    store.set(opened);
    String early = failure.get();
    if (early != null) {
      opened.failed(early);
    }
    return opened;
  }

  private static Record parse(byte[] payload) {
    try {
      Record record = Record.parseFrom(payload);
      if (record.getKindCase() == Record.KindCase.KIND_NOT_SET) {
        throw new IllegalArgumentException(
            "record.kind: unknown (expected: one that this version of Handfast knows)");
      }
      return record;
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("record: " + e.getMessage(), e);
    }
  }

  /** The counters of the journal, for metrics. Any thread. */
  public JournalStats stats() {
    return journal.stats();
  }

  /** Forces what was accepted and closes the journal. Blocks: not for an event loop. */
  @Override
  public void close() {
    journal.close();
  }

  @Override
  public String storeId() {
    return "j." + journal.storeId();
  }

  @Override
  public Set<String> formerIds() {
    return journal.formerIds().stream()
        .map(id -> "j." + id)
        .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public long incarnation() {
    return journal.incarnation();
  }

  @Override
  public void replay(Consumer<Record> visitor) {
    List<Record> records = recovered;
    recovered = List.of();
    records.forEach(visitor);
  }

  @Override
  public boolean append(Record record, Durability durability, Need need, WriteCallback callback) {
    AppendResult result =
        journal.append(
            switch (durability) {
              case FORCED -> Journal.Durability.FORCED;
              case OVERLAPPED -> Journal.Durability.OVERLAPPED;
              case LAZY -> Journal.Durability.LAZY;
            },
            switch (need) {
              case ESSENTIAL -> Journal.Need.ESSENTIAL;
              case NEW_WORK -> Journal.Need.NEW_WORK;
            },
            record.toByteArray(),
            loop,
            new Told(callback));
    String refusal = refusal(result);
    if (refusal == null) {
      return true;
    }
    if (result instanceof AppendResult.TooLarge) {
      loop.execute(() -> callback.onRefusedForGood(refusal));
    } else {
      loop.execute(() -> callback.onRefused(refusal));
    }
    return false;
  }

  /** Null if it was taken. */
  private @Nullable String refusal(AppendResult result) {
    return switch (result) {
      case AppendResult.Accepted _ -> null;
      case AppendResult.JournalFull it -> full(it.reason());
      case AppendResult.Stopped it -> failed(it.reason());
      case AppendResult.Closed it -> failed(it.reason());
      case AppendResult.Overloaded it -> it.reason();
      case AppendResult.TooLarge it -> it.reason();
      case AppendResult.CheckpointRunning it -> it.reason();
    };
  }

  /** Checkpoints and operators make room; whether there is some is found out by trying again. */
  private String full(String reason) {
    if (health instanceof Health.Ready) {
      health = new Health.Failed(reason);
      loop.schedule(FULL_PAUSE_NANOS, this::tryAgain);
    }
    return reason;
  }

  private void tryAgain() {
    if (!stopped) {
      health = READY;
    }
  }

  private String failed(String reason) {
    stopped = true;
    health = new Health.Failed(reason);
    return reason;
  }

  @Override
  public boolean shouldCheckpoint() {
    return !checkpointPause && journal.shouldCheckpoint();
  }

  @Override
  public void checkpoint(List<Record> live) {
    AppendResult result =
        journal.checkpoint(
            new Live(live),
            journal.lastLsn(),
            loop,
            new AppendCallback() {
              @Override
              public void onDurable(long lsn) {
                log.debug("checkpoint: {} live records, at LSN {}", live.size(), lsn);
              }

              @Override
              public void onFailed(long lsn, JournalFailure failure) {
                failed(failure.reason());
              }
            });
    if (result instanceof AppendResult.Refusal refusal) {
      log.debug("checkpoint: left for later: {}", refusal.reason());
      checkpointPause = true;
      loop.schedule(CHECKPOINT_PAUSE_NANOS, () -> checkpointPause = false);
    }
  }

  /** Records do not change, so the journal's thread may make them into bytes. */
  private record Live(List<Record> records) implements Journal.Snapshot {
    Live {
      records = List.copyOf(records);
    }

    @Override
    public int size() {
      return records.size();
    }

    @Override
    public int bytes(int index) {
      return records.get(index).getSerializedSize();
    }

    @Override
    public byte[] payload(int index) {
      return records.get(index).toByteArray();
    }
  }

  @Override
  public Health health() {
    return health;
  }

  /** One append's end. */
  private final class Told implements AppendCallback {
    private final WriteCallback callback;

    Told(WriteCallback callback) {
      this.callback = callback;
    }

    @Override
    public void onWritten(long lsn) {
      callback.onWritten();
    }

    @Override
    public void onDurable(long lsn) {
      callback.onDurable();
    }

    @Override
    public void onFailed(long lsn, JournalFailure failure) {
      failed(failure.reason());
      callback.onInDoubt(failure.reason());
    }
  }
}
