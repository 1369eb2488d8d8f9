package io.handfast.tx.engine;

import io.handfast.transaction.v1.BranchPreCommitted;
import io.handfast.transaction.v1.BranchPrepared;
import io.handfast.transaction.v1.BranchWithdrawn;
import io.handfast.transaction.v1.Completion;
import io.handfast.transaction.v1.Record;
import io.handfast.transaction.v1.Resolution;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.participant.ParticipantEffect;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.core.participant.ParticipantEvent.Write;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.core.participant.PrepareAnswer;
import io.handfast.tx.engine.base.Writer;
import io.handfast.tx.engine.observe.EngineMeters;
import io.handfast.tx.engine.observe.Names;
import io.handfast.tx.port.LocalService;
import io.handfast.tx.port.TransactionStore.Durability;
import io.handfast.tx.port.TransactionStore.Need;
import io.handfast.tx.resource.CompletionVerdict;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes the records of one branch and has its service confirm or cancel. Confined to the loop. */
final class BranchStore {
  private static final Logger log = LoggerFactory.getLogger(BranchStore.class);

  private final Wiring wiring;
  private final ParticipantDriver driver;
  private final ParticipantLink link;

  BranchStore(Wiring wiring, ParticipantDriver driver, ParticipantLink link) {
    this.wiring = wiring;
    this.driver = driver;
    this.link = link;
  }

  void writeBegun() {
    Branch branch = driver.branch();
    ForcePoints.beforeBegun(branch.tx(), branch.id());
    write(
        link.records().begun(),
        branch.durability().isForcedFirst() ? Durability.FORCED : Durability.OVERLAPPED,
        Need.NEW_WORK,
        Write.BEGUN,
        new ParticipantEvent.BegunDurable());
  }

  void writeRecord() {
    ForcePoints.beforeBranchRecord(driver.branch().tx(), driver.branch().id());
    write(
        Record.newBuilder().setPrepared(prepared()),
        Durability.FORCED,
        Need.ESSENTIAL,
        Write.BRANCH_RECORD,
        new ParticipantEvent.RecordDurable());
  }

  private BranchPrepared prepared() {
    return link.records().prepared(driver.branch().members());
  }

  /** THREE_PHASE: the branch knows that all have promised. */
  void writePreCommitted() {
    Branch branch = driver.branch();
    ForcePoints.beforePreCommitted(branch.tx(), branch.id());
    later(
        Record.newBuilder()
            .setPreCommitted(BranchPreCommitted.newBuilder().setPrepared(prepared())),
        () -> ForcePoints.afterPreCommitted(branch.tx(), branch.id()));
  }

  /** THREE_PHASE: the branch aborts, in the coordinator's place. */
  void writeWithdrawal() {
    Branch branch = driver.branch();
    ForcePoints.beforeWithdrawal(branch.tx(), branch.id());
    later(
        Record.newBuilder().setWithdrawn(BranchWithdrawn.newBuilder().setPrepared(prepared())),
        () -> ForcePoints.afterWithdrawal(branch.tx(), branch.id()));
  }

  /** A record that takes the place of the branch record. */
  private void later(Record.Builder record, Runnable after) {
    wiring
        .writer()
        .write(
            record,
            Durability.FORCED,
            Need.ESSENTIAL,
            new Writer.Written() {
              @Override
              public void durable() {
                after.run();
                driver.handle(new ParticipantEvent.RecordDurable());
              }

              @Override
              public void refused(String reason) {
                driver.handle(new ParticipantEvent.WriteFailed(Write.BRANCH_RECORD, reason));
              }

              @Override
              public void inDoubt(String reason) {
                driver.handle(new ParticipantEvent.WriteFailed(Write.BRANCH_RECORD, reason));
              }
            });
  }

  /** This branch decides; refused it is not there, else nobody knows (T18). */
  void writeDecision() {
    Branch branch = driver.branch();
    ForcePoints.beforeOwnDecision(branch.tx(), branch.id());
    wiring
        .writer()
        .write(
            link.records().decided(),
            Durability.FORCED,
            Need.ESSENTIAL,
            new Writer.Written() {
              @Override
              public void durable() {
                ForcePoints.afterOwnDecision(branch.tx(), branch.id());
                driver.handle(new ParticipantEvent.RecordDurable());
              }

              @Override
              public void refused(String reason) {
                driver.handle(new ParticipantEvent.WriteFailed(Write.OWN_DECISION, reason));
              }

              @Override
              public void inDoubt(String reason) {
                driver.handle(new ParticipantEvent.OwnDecisionInDoubt(reason));
              }
            });
  }

  /**
   * An operator has decided (a heuristic decision): with who, when and why.
   *
   * @param reply null when it is durable, else why it is not
   */
  void writeResolution(Outcome outcome, Consumer<@Nullable String> reply) {
    Resolution resolution = link.records().resolution();
    if (resolution == null || !(driver.state() instanceof ParticipantState.Resolving resolving)) {
      throw new IllegalStateException("resolution: of " + driver.key() + " nobody has decided");
    }
    ParticipantState.Prepared before = resolving.before();
    Branch branch = driver.branch();
    ForcePoints.beforeResolution(branch.tx(), branch.id());
    wiring
        .writer()
        .write(
            link.records().resolved(resolution, before.answered(), before.tryMayRun()),
            Durability.FORCED,
            Need.ESSENTIAL,
            new Writer.Written() {
              @Override
              public void durable() {
                ForcePoints.afterResolution(branch.tx(), branch.id());
                resolved(outcome, resolution);
                reply.accept(null);
                driver.handle(new ParticipantEvent.RecordDurable());
              }

              @Override
              public void refused(String reason) {
                link.records().resolve(null);
                driver.handle(new ParticipantEvent.WriteFailed(Write.RESOLUTION, reason));
                reply.accept(
                    "the store did not take it, and the branch is in doubt as before: " + reason);
              }

              @Override
              public void inDoubt(String reason) {
                driver.handle(new ParticipantEvent.OwnDecisionInDoubt(reason));
                reply.accept(
                    "nobody knows whether it is recorded: restart the sidecar, and look"
                        + " again: "
                        + reason);
              }
            });
  }

  private void resolved(Outcome outcome, Resolution resolution) {
    wiring
        .meters()
        .heuristic(
            switch (outcome) {
              case COMMIT -> EngineMeters.Heuristic.COMMIT;
              case ABORT -> EngineMeters.Heuristic.ROLLBACK;
            });
    log.atWarn()
        .addKeyValue("txId", driver.branch().tx())
        .addKeyValue("branchId", driver.branch().id())
        .log(
            "branch: an operator decided {}: {}: {}",
            Names.lower(outcome),
            resolution.getBy(),
            resolution.getReason());
  }

  /** The end rides on the next force unless somebody waits for it (T16). */
  void writeEnd(ParticipantEffect.WriteEnd end) {
    if (link.block() != null && end.outcome() != BranchOutcome.HAZARD && !driver.isResolved()) {
      driver.handle(new ParticipantEvent.EndDurable()); // in its database, which has forced it
      return;
    }
    write(
        link.records().ended(end.outcome(), end.detail()),
        end.awaited() ? Durability.FORCED : Durability.LAZY,
        Need.ESSENTIAL,
        Write.END,
        new ParticipantEvent.EndDurable());
  }

  private void write(
      Record.Builder record,
      Durability durability,
      Need need,
      Write what,
      ParticipantEvent durable) {
    wiring
        .writer()
        .write(
            record,
            durability,
            need,
            new Writer.Written() {
              @Override
              public void written() {
                safe(what);
                driver.handle(new ParticipantEvent.BegunWritten());
              }

              @Override
              public void durable() {
                if (durability != Durability.OVERLAPPED) {
                  safe(what);
                }
                driver.handle(durable);
              }

              @Override
              public void refused(String reason) {
                driver.handle(new ParticipantEvent.WriteFailed(what, reason));
              }

              @Override
              public void inDoubt(String reason) {
                driver.handle(new ParticipantEvent.WriteFailed(what, reason));
              }
            });
  }

  /** From now on the death of the process does not lose the record. */
  private void safe(Write what) {
    Branch branch = driver.branch();
    switch (what) {
      case BEGUN -> ForcePoints.afterBegun(branch.tx(), branch.id());
      case BRANCH_RECORD -> ForcePoints.afterBranchRecord(branch.tx(), branch.id());
      case END -> {} // acknowledged then, which has points of its own
      case OWN_DECISION, RESOLUTION -> throw new IllegalStateException("not written here: " + what);
    }
  }

  void confirm(int attempt) {
    if (link.block() != null) {
      new BlockCompletion(wiring).complete(driver, link.block(), Outcome.COMMIT, attempt);
      return;
    }
    send(link.records().confirm(), "confirm", attempt, true, driver::handle);
  }

  void cancel(boolean answered, int attempt) {
    if (link.block() != null) {
      new BlockCompletion(wiring).complete(driver, link.block(), Outcome.ABORT, attempt);
      return;
    }
    send(link.records().cancel(answered), "cancel", attempt, false, driver::handle);
  }

  /**
   * Undoes the Try of this sidecar's own, of a branch that another has undone.
   *
   * @param reply of three events, what came of it
   */
  void cancelOnceMore(int attempt, Consumer<ParticipantEvent> reply) {
    send(link.records().cancel(true), "cancel once more", attempt, false, reply);
  }

  /** Asked once: no answer is a no, and undone. */
  void prepare() {
    Completion prepare = link.records().prepare();
    if (prepare == null) {
      throw new IllegalStateException("prepare: branch " + driver.key() + " has no such request");
    }
    wiring
        .local()
        .send(
            prepare,
            new LocalService.Callback() {
              @Override
              public void onAnswer(int status) {
                String detail =
                    prepare.getMethod() + " " + prepare.getPath() + " answered " + status;
                prepared(prepared(prepare, status), detail);
              }

              @Override
              public void onNoAnswer(String reason) {
                prepared(PrepareAnswer.REFUSED, "prepare: " + reason);
              }
            });
  }

  private void prepared(PrepareAnswer answer, String detail) {
    wiring
        .loop()
        .execute(() -> driver.handle(new ParticipantEvent.ServicePrepared(answer, detail)));
  }

  private static PrepareAnswer prepared(Completion prepare, int status) {
    if (prepare.getReadOnlyList().contains(status)) {
      return PrepareAnswer.READ_ONLY;
    }
    return status >= 200 && status < 300 ? PrepareAnswer.PREPARED : PrepareAnswer.REFUSED;
  }

  private void send(
      @Nullable Completion completion,
      String what,
      int attempt,
      boolean confirms,
      Consumer<ParticipantEvent> reply) {
    if (completion == null) {
      reply.accept(
          new ParticipantEvent.CompletionRefused(
              confirms
                  ? "confirm: not known, the backup is older than the Try's answer"
                  : "cancel: the Try's answer was lost and the route has no cancel_unanswered"));
      return;
    }
    boolean givenUp = driver.isTakenOver(); // then it is to be undone all the same
    (attempt == 1 ? wiring.completions() : wiring.repeated())
        .ask(done -> {
          if (driver.isTakenOver() && !givenUp) {
            wiring.loop().execute(done);
          } else {
            new Attempt(completion, what, attempt, confirms, reply, done).send();
          }
        });
  }

  /** One request to the service; it ends once, whatever comes of it. */
  private final class Attempt implements LocalService.Callback {
    private final Completion completion;
    private final String what;
    private final int attempt;
    private final boolean confirms;
    private final Consumer<ParticipantEvent> reply;
    private final Runnable done;
    private boolean over;

    Attempt(
        Completion completion,
        String what,
        int attempt,
        boolean confirms,
        Consumer<ParticipantEvent> reply,
        Runnable done) {
      this.completion = completion;
      this.what = what;
      this.attempt = attempt;
      this.confirms = confirms;
      this.reply = reply;
      this.done = done;
    }

    void send() {
      try {
        wiring.local().send(completion, this);
      } catch (RuntimeException e) {
        onNoAnswer("not sent: " + e); // a bug: the branch is tried again, and shown
      }
    }

    @Override
    public void onAnswer(int status) {
      completed(event(completion, status, confirms));
    }

    @Override
    public void onNoAnswer(String reason) {
      completed(
          new ParticipantEvent.CompletionFailed(what + ", attempt " + attempt + ": " + reason));
    }

    /** In a store that is shared another may have done it meanwhile, and a service forgets. */
    private void told(ParticipantEvent event) {
      boolean asks = wiring.shared().isShared() && !driver.isTakenOver();
      if (asks && event instanceof ParticipantEvent.CompletionRefused refused) {
        readAgain(refused, reply);
      } else {
        reply.accept(event);
      }
    }

    private void completed(ParticipantEvent event) {
      wiring
          .loop()
          .execute(() -> {
            if (over) {
              return; // it was answered, and failed all the same
            }
            over = true;
            try {
              told(event);
            } finally {
              done.run(); // a turn that is lost is lost for all
            }
          });
    }
  }

  /**
   * Before a branch is called heuristic its record is read again (T15): who slept with it may be
   * refused what another has done. A Try of its own that it undoes is its own affair.
   */
  private void readAgain(
      ParticipantEvent.CompletionRefused refused, Consumer<ParticipantEvent> reply) {
    Branch branch = driver.branch();
    wiring
        .shared()
        .isOwn(
            branch.tx(),
            branch.key(),
            branch.service(),
            own -> {
              if (own == null) {
                reply.accept(
                    new ParticipantEvent.CompletionFailed(
                        refused.detail() + ", and the store does not say whose the branch is"));
              } else if (own || driver.undoesItsOwn()) {
                reply.accept(refused);
              } else {
                driver.takenOver();
              }
            });
  }

  private static ParticipantEvent event(Completion completion, int status, boolean confirms) {
    CompletionVerdict verdict =
        confirms
            ? CompletionVerdict.ofConfirm(status, completion.getAlreadyDoneList())
            : CompletionVerdict.ofCancel(status);
    String detail = completion.getMethod() + " " + completion.getPath() + " answered " + status;
    return switch (verdict) {
      case DONE -> new ParticipantEvent.CompletionSucceeded();
      case RETRY -> new ParticipantEvent.CompletionFailed(detail);
      case REFUSED -> new ParticipantEvent.CompletionRefused(detail);
    };
  }
}
