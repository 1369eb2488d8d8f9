package io.handfast.tx.simulation;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.handfast.transaction.v1.Record;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.engine.base.SharedAnswers;
import io.handfast.tx.engine.base.Writer;
import io.handfast.tx.etcd.EtcdStore;
import io.handfast.tx.etcd.SimulatedEtcd;
import io.handfast.tx.port.EngineLoop;
import io.handfast.tx.port.TransactionStore.Durability;
import io.handfast.tx.port.TransactionStore.Need;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The store of a host where all share one etcd: the sidecar's own, with its batches, claims and
 * incarnations, over a simulated one. Requests are lost, or their answers, or come late. Confined
 * to the world.
 */
final class SimEtcd implements SimStore {
  /** What all that share it know of it: the checker's own memory. */
  static final class Facts {
    final SimulatedEtcd etcd;
    private final Set<Entry> stood = new HashSet<>();
    private final Set<BranchId> everDecided = new HashSet<>();

    Facts(Predicate<String> compared) {
      this.etcd = new SimulatedEtcd(this::written, compared);
    }

    private void written(Record record) {
      if (record.hasDecision()) {
        everDecided.addAll(Records.branches(record.getDecision()));
      } else if (record.hasBegun() || record.hasPrepared()) {
        stood.add(Records.entry(record));
      }
    }

    /** Records of which something is owed: neither ABORT nor an end. */
    List<Record> owed() {
      return etcd.records().stream()
          .filter(record -> !record.hasAborted() && !record.hasBranchEnded())
          .toList();
    }
  }

  /** One for all: its stack trace would cost more than the run. */
  private final StatusRuntimeException unavailable = Status.UNAVAILABLE.asRuntimeException();

  private final World world;
  private final Host host;
  private final Facts facts;

  /** Of this host's former lives too, whose leases have not ended yet. */
  private final List<SimulatedEtcd.Member> processes = new ArrayList<>();

  private Life life;

  SimEtcd(World world, Host host, Facts facts) {
    this.world = world;
    this.host = host;
    this.facts = facts;
    this.life = new Life();
  }

  /** One life of the process. */
  private final class Life implements SimulatedEtcd.Link {
    final Loop loop = new Loop();
    final List<Runnable> background = new ArrayList<>();
    final EtcdStore store;
    final SharedAnswers answers;
    final Writer writer;
    private final SimulatedEtcd.Member process;
    private boolean open;
    private int failures;

    Life() {
      process = facts.etcd.process(this);
      processes.add(process);
      store =
          process.open(
              "svc-" + world.scenario.serviceOf(host.number),
              host.authority() + ":15014",
              world.random,
              loop);
      open = true;
      answers = new SharedAnswers(store);
      writer = new Writer(loop, store, new io.handfast.tx.engine.base.LiveRecords());
      loop.execute(() -> store.takeOver(claimed -> host.takeOver(claimed)));
    }

    @Override
    public <T> CompletableFuture<T> send(Supplier<T> request) {
      if (!open) {
        return CompletableFuture.completedFuture(request.get());
      }
      CompletableFuture<T> answer = new CompletableFuture<>();
      if (isCut()) {
        answersLater("etcd is out of reach", () -> answer.completeExceptionally(unavailable));
      } else if (world.requestIsLost()) {
        failsSomeTime(answer);
      } else if (world.etcdAnswerIsLost()) {
        world.outside(
            "etcd carries out, unheard", () -> carryOut(request, new CompletableFuture<>()));
        failsSomeTime(answer);
      } else if (world.requestIsLate()) {
        world.outsideLater(
            "etcd carries out, late", () -> carryOut(request, new CompletableFuture<>()));
        failsSomeTime(answer);
      } else {
        world.outside(
            "etcd carries out for " + host.number,
            () -> {
              CompletableFuture<T> made = new CompletableFuture<>();
              carryOut(request, made);
              if (life == this && host.isUp() && world.fallsAsleep()) {
                world.story().tell(() -> "** " + host.number + " falls asleep");
                host.paused = true;
                process.expire();
              }
              answersLater(
                  "etcd answers",
                  () -> {
                    if (made.isCompletedExceptionally()) {
                      answer.completeExceptionally(made.exceptionNow());
                    } else {
                      answer.complete(made.resultNow());
                    }
                  });
            });
      }
      return answer;
    }

    private static <T> void carryOut(Supplier<T> request, CompletableFuture<T> made) {
      try {
        made.complete(request.get());
      } catch (StatusRuntimeException refused) {
        made.completeExceptionally(refused);
      }
    }

    private void answersLater(String label, Runnable answer) {
      if (life == this && host.isUp()) {
        world.onHost(host.number, label, () -> loop.run(answer));
      }
    }

    private void failsSomeTime(CompletableFuture<?> answer) {
      world.timer(
          host.number,
          "etcd request fails " + failures++,
          () -> loop.run(() -> answer.completeExceptionally(unavailable)));
    }

    @Override
    public void tell(Runnable told) {
      if (life == this && host.isUp() && !world.etcdAnswerIsLost()) {
        world.onHost(host.number, "a watch tells", () -> loop.run(told));
      }
    }

    @Override
    public boolean isCut() {
      return world.isCutOffFromEtcd(host.number);
    }

    /** The engine's loop in this life. */
    private final class Loop implements EngineLoop {
      private final Queue<Runnable> queue = new ArrayDeque<>();
      private boolean draining;
      private boolean due;
      private long now;
      private int timers;

      @Override
      public boolean inLoop() {
        return true;
      }

      @Override
      public long nanoTime() {
        return now;
      }

      @Override
      public long epochMillis() {
        return 1;
      }

      @Override
      public void execute(Runnable task) {
        queue.add(task);
        if (!draining && !due) {
          due = true;
          world.onHost(host.number, "loop", this::drain);
        }
      }

      void run(Runnable task) {
        queue.add(task);
        drain();
      }

      private void drain() {
        if (draining) {
          return;
        }
        draining = true;
        for (Runnable next = queue.poll(); next != null; next = queue.poll()) {
          next.run();
        }
        draining = false;
        due = false;
      }

      @Override
      public Timer schedule(long delayNanos, Runnable task) {
        long at = now + Math.max(0, delayNanos);
        Runnable fired =
            () -> {
              now = Math.max(now, at);
              run(task);
            };
        if (SimulatedEtcd.isBackground(delayNanos)) {
          background.add(fired);
          return () -> background.remove(fired);
        }
        String label = "store timer " + timers++;
        world.timer(host.number, label, fired);
        return () -> world.cancelTimer(host.number, label);
      }
    }
  }

  /** A new process, with another name. */
  void restart() {
    life = new Life();
  }

  /** As this life's name is known in records; the incarnation under which a transaction begins. */
  long incarnation() {
    return life.answers.incarnation();
  }

  SharedAnswers answers() {
    return life.answers;
  }

  /** A lease of this host, of one of its lives, ends. */
  void expire(int which) {
    processes.get(which % processes.size()).expire();
  }

  /** The leases of former lives end, of a sidecar that is lost all. */
  void expireFormer() {
    int last = host.isUp() ? 1 : 0;
    for (SimulatedEtcd.Member process :
        List.copyOf(processes.subList(0, processes.size() - last))) {
      process.expire();
    }
  }

  /** Renews the lease, and looks for what lost sidecars have left. */
  void lookAround() {
    if (host.isUp() && !host.paused) {
      List<Runnable> now = List.copyOf(life.background);
      life.background.clear();
      now.forEach(Runnable::run);
    }
  }

  @Override
  public void write(Entry entry, Durability durability, Told told) {
    life.writer.write(
        Records.of(world.scenario, entry),
        durability,
        entry instanceof Entry.Begun ? Need.NEW_WORK : Need.ESSENTIAL,
        new Writer.Written() {
          @Override
          public void written() {
            told.written();
          }

          @Override
          public void durable() {
            told.durable();
          }

          @Override
          public void refused(String reason) {
            told.refused();
          }

          @Override
          public void lost(String reason) {
            told.lost();
          }

          @Override
          public void inDoubt(String reason) {
            told.inDoubt();
          }
        });
  }

  @Override
  public boolean isStopped() {
    return false;
  }

  @Override
  public boolean has(Entry entry) {
    return facts.stood.contains(entry);
  }

  @Override
  public boolean owes(int node) {
    return facts.owed().stream()
        .anyMatch(record -> !record.hasDecision() && Records.node(Records.ref(record)) == node);
  }

  @Override
  public Set<BranchId> everDecided() {
    return facts.everDecided;
  }

  @Override
  public void crash(boolean machine) {}
}
