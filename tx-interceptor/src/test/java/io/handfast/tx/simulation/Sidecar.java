package io.handfast.tx.simulation;

import io.handfast.transaction.v1.Record;
import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.Transition;
import io.handfast.tx.core.participant.ParticipantEffect;
import io.handfast.tx.core.participant.ParticipantEffect.Release;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.core.participant.ParticipantEvent.Found;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.core.participant.TimerKind;
import io.handfast.tx.core.participant.TryAnswer;
import io.handfast.tx.engine.base.OnceMore;
import io.handfast.tx.port.TransactionStore.Durability;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A sidecar: drives the participant, and at the first service the coordinator, over its journal and
 * the network.
 */
final class Sidecar {
  final World world;
  private final int node;
  private final Host host;

  private @Nullable ParticipantState branch;
  private boolean opened;

  /** The branch that runs has sent its Try in this life. */
  private boolean tried;

  private final Tellers tellers = new Tellers(this);
  private final Calls calls;
  private final Asked asked = new Asked(this);
  private final Heuristic heuristic = new Heuristic(this);
  private final Block block;
  private final BlockMachine machine;
  private TryAnswer lastAnswer = TryAnswer.NOT_SENT;

  Sidecar(World world, int node, Host host) {
    this.world = world;
    this.node = node;
    this.host = host;
    this.calls = new Calls(this);
    this.block = new Block(this);
    this.machine = new BlockMachine(this);
  }

  Host host() {
    return host;
  }

  int node() {
    return node;
  }

  boolean isUp() {
    return host.isUp();
  }

  @Nullable ParticipantState branch() {
    return branch;
  }

  SimStore store() {
    return host.store;
  }

  private void later(String label, Runnable action) {
    world.onHost(host.number, label, action);
  }

  void remember(BranchOutcome outcome) {
    asked.remember(outcome);
  }

  void begin() {
    if (!isUp()) {
      return; // the client finds nobody
    }
    SimCoordinator coordinator = world.coordinator();
    coordinator.begin(facts());
    open(Calls.NOBODY);
    if (world.answerIsLost()) {
      later("client goes", coordinator::clientGone);
    }
  }

  Branch facts() {
    return world.scenario.nodes().get(node).branch();
  }

  /** Takes its request. */
  void open(int lifeOfCaller) {
    calls.answersTo(lifeOfCaller);
    begin(facts(), new ParticipantEvent.Opened());
  }

  /** A machine begins with this. */
  void begin(Branch facts, ParticipantEvent first) {
    opened = true;
    branch = new ParticipantState.New(facts);
    step(first);
  }

  /** Whether its service may still work: votes of calls count. */
  boolean isOpen() {
    return branch instanceof ParticipantState.Working || branch instanceof ParticipantState.Closing;
  }

  /** Whether it has taken its request, in any life. */
  boolean hasOpened() {
    return opened;
  }

  void step(ParticipantEvent event) {
    host.locally(() -> {
      ParticipantState state = branch;
      if (state == null) {
        return;
      }
      Transition<ParticipantState, ParticipantEffect> transition =
          world.machines.step(state, event);
      boolean open = isOpen();
      branch = transition.next();
      machine.stepped(state, event);
      world
          .story()
          .tell(() ->
              "  " + node + " " + event + " → " + transition.next().getClass().getSimpleName());
      int now = host.life();
      for (ParticipantEffect effect : transition.effects()) {
        if (host.life() == now) {
          perform(effect);
        }
      }
      if (open && host.life() == now && !isOpen() && hasAborted(transition.next())) {
        calls.aborted();
      }
    });
  }

  private static boolean hasAborted(ParticipantState state) {
    return switch (state) {
      case ParticipantState.AbortedWorking _, ParticipantState.Cancelling _ -> true;
      case ParticipantState.Ending ending -> ending.outcome() == BranchOutcome.ABORTED;
      case ParticipantState.Ended ended -> ended.outcome() == BranchOutcome.ABORTED;
      default -> false;
    };
  }

  private void perform(ParticipantEffect effect) {
    switch (effect) {
      case ParticipantEffect.ForceBegun _ ->
          write(
              new Entry.Begun(node),
              Durability.FORCED,
              new ParticipantEvent.BegunDurable(),
              ParticipantEvent.Write.BEGUN);
      case ParticipantEffect.WriteBegun _ ->
          write(
              new Entry.Begun(node),
              Durability.OVERLAPPED,
              new ParticipantEvent.BegunDurable(),
              ParticipantEvent.Write.BEGUN);
      case ParticipantEffect.ForwardRequest _ -> {
        tried = world.isUpdating(node);
        world.services.get(node).request(host.life());
      }
      case ParticipantEffect.RefuseRequest _ -> calls.respond(false, List.of());
      case ParticipantEffect.AdmitCall e -> calls.admitted(Scenario.nodeOf(e.call()));
      case ParticipantEffect.RefuseCall e ->
          world.services.get(node).callAnswered(Scenario.nodeOf(e.call()), false);
      case ParticipantEffect.ReleaseCall e ->
          world.services.get(node).callAnswered(Scenario.nodeOf(e.call()), e.refused() == null);
      case ParticipantEffect.ReleaseHead _ -> {}
      case ParticipantEffect.ForceRecord _ ->
          write(
              new Entry.Prepared(node),
              Durability.FORCED,
              new ParticipantEvent.RecordDurable(),
              ParticipantEvent.Write.BRANCH_RECORD);
      case ParticipantEffect.ReleaseAnswer e -> {
        noteVotes(e.votes(), false);
        calls.respond(e.release() == Release.PASS && lastAnswer == TryAnswer.SUCCESS, e.votes());
      }
      case ParticipantEffect.SendVotes e -> {
        noteVotes(e.votes(), false);
        calls.sendVotes(e.votes(), true);
      }
      case ParticipantEffect.SendStruck e -> calls.sendVotes(e.votes(), false);
      case ParticipantEffect.CloseRoot e -> {
        noteVotes(e.votes(), e.recordRides());
        host.locally(() -> world.coordinator().rootClosed(e));
      }
      case ParticipantEffect.DoomTransaction e -> {
        noteVotes(e.votes(), false);
        host.locally(() -> world.coordinator().doomed(e));
      }
      case ParticipantEffect.StrikeAtRoot e -> host.locally(() -> world.coordinator().struck(e));
      case ParticipantEffect.ThreePhase e -> world.violations.add("not THREE_PHASE: " + e);
      case ParticipantEffect.Prepare _ ->
          later(
              node + " prepares",
              () ->
                  step(
                      new ParticipantEvent.ServicePrepared(
                          world.services.get(node).prepare(), "")));
      case ParticipantEffect.ForceOwnDecision _ -> asked.decide();
      case ParticipantEffect.ForceResolution e -> heuristic.force(e.outcome());
      case ParticipantEffect.AnswerDelegation e -> asked.decided(e.answer());
      case ParticipantEffect.AnswerPrepare e -> asked.promise(e.vote(), e.reason());
      case ParticipantEffect.Confirm _ -> complete(Outcome.COMMIT);
      case ParticipantEffect.Cancel _ -> complete(Outcome.ABORT);
      case ParticipantEffect.Inquire e -> asked.inquire(e.mayAbort());
      case ParticipantEffect.WriteEnd _ when world.scenario.isBlock(node) ->
          step(new ParticipantEvent.EndDurable()); // in its database
      case ParticipantEffect.WriteEnd e ->
          write(
              new Entry.BranchEnded(node, e.outcome(), heuristic.word()),
              e.awaited() ? Durability.FORCED : Durability.LAZY,
              new ParticipantEvent.EndDurable(),
              ParticipantEvent.Write.END);
      case ParticipantEffect.Acknowledge e -> {
        if (e.acknowledgement() == Acknowledgement.DONE && store().owes(node)) {
          world.violations.add(node + " acknowledged before its end was durable (T16)");
        }
        acknowledge(e.acknowledgement());
      }
      case ParticipantEffect.StartTimer e -> startTimer(e.kind());
      case ParticipantEffect.CancelTimer e -> world.cancelTimer(host.number, timerLabel(e.kind()));
      case ParticipantEffect.ReportHazard e -> {
        boolean inDoubt = branch instanceof ParticipantState.DecidingAlone alone && alone.inDoubt();
        if (!inDoubt) {
          world.violations.add(node + " hazard: " + e.detail());
        }
      }
      case ParticipantEffect.Forget _ -> {
        asked.over(branch);
        machine.over();
        branch = null;
        world.cancelTimers(host.number, node + " branch timer");
        heuristic.over();
      }
    }
  }

  private void write(
      Entry entry, Durability durability, ParticipantEvent durable, ParticipantEvent.Write kind) {
    ParticipantEvent failed = new ParticipantEvent.WriteFailed(kind, "disk");
    store()
        .write(
            entry,
            durability,
            new SimStore.Told() {
              @Override
              public void written() {
                step(new ParticipantEvent.BegunWritten());
              }

              @Override
              public void durable() {
                step(durable);
              }

              @Override
              public void refused() {
                step(failed);
              }

              @Override
              public void inDoubt() {
                step(failed);
              }
            });
  }

  /**
   * Force before tell: a yes leaves only when the branch record is durable, or rides with the
   * decision.
   */
  void noteVotes(List<BranchVote> votes, boolean recordRides) {
    for (BranchVote vote : votes) {
      if (Scenario.nodeOf(vote.branch()) != node) {
        continue;
      }
      switch (vote.vote()) {
        case PREPARED -> {
          world.votedYes.add(node);
          boolean complete =
              facts().durability().isComplete() && store().has(new Entry.Begun(node));
          if (!complete && !recordRides && !store().has(new Entry.Prepared(node))) {
            world.violations.add(node + " voted yes before its record was durable");
          }
        }
        case ABORT -> world.votedNo.add(node);
        case READ_ONLY, ASK, STRUCK -> {}
      }
    }
  }

  // The resource

  void serviceAnswered(TryAnswer answer, int lifeOfRequest) {
    world.later(
        -1,
        node + " answered " + answer,
        () -> {
          if (isUp() && host.life() == lifeOfRequest && branch != null) {
            lastAnswer = answer;
            step(
                new ParticipantEvent.ServiceAnswered(
                    answer, answer == TryAnswer.SUCCESS ? "" : "said " + answer));
          }
        });
  }

  /** A request to the service: on its way it outlives who sent it. */
  private void complete(Outcome outcome) {
    if (world.scenario.isBlock(node)) {
      machine.complete(outcome);
    } else {
      complete(outcome, this::step);
    }
  }

  void complete(Outcome outcome, Consumer<ParticipantEvent> told) {
    int lifeNow = host.life();
    world.services.get(node).completing(1);
    world.outside(
        node + " " + outcome,
        () -> {
          world.services.get(node).completing(-1);
          if (world.completionFails()) {
            answered(lifeNow, " not now", told, new ParticipantEvent.CompletionFailed("not now"));
            return;
          }
          switch (outcome) {
            case COMMIT -> world.services.get(node).confirm();
            case ABORT -> world.services.get(node).cancel();
          }
          answered(
              lifeNow, " " + outcome + " done", told, new ParticipantEvent.CompletionSucceeded());
        });
  }

  private void answered(
      int lifeThen, String what, Consumer<ParticipantEvent> told, ParticipantEvent event) {
    if (host.life() == lifeThen && host.isUp()) {
      later(node + what, () -> told.accept(event));
    }
  }

  // The coordinator, seen from here

  /** As the engine takes an outcome: an acknowledgement follows. */
  void told(Outcome outcome, boolean awaited, SimCoordinator teller) {
    tellers.told(outcome, awaited, teller);
  }

  void acknowledge(Acknowledgement acknowledgement) {
    tellers.acknowledge(acknowledgement);
  }

  /** Another sidecar carries it on: it stops here as it stands, but for a Try of its own (T19). */
  void takenOver() {
    if (branch == null
        || branch instanceof ParticipantState.Ending
        || (tried && branch instanceof ParticipantState.Cancelling)) {
      return;
    }
    if (store() instanceof SimEtcd etcd) {
      etcd.answers().giveUp(Scenario.TX, facts().key());
    }
    boolean preparing = branch instanceof ParticipantState.Preparing;
    giveUp();
    if (tried && store() instanceof SimEtcd etcd) {
      OnceMore lost = new OnceMore(new LostTry(this, etcd));
      if (preparing) {
        world.timer(host.number, node + " prepare times out", lost::begin);
      } else {
        lost.begin();
      }
    }
    tried = false;
  }

  void giveUp() {
    world.story().tell(() -> "  " + node + " is given up at " + host.authority());
    branch = null;
    world.cancelTimers(host.number, node + " branch timer");
  }

  private void startTimer(TimerKind kind) {
    world.timer(
        host.number,
        timerLabel(kind),
        () -> {
          if (kind == TimerKind.TRY_TIMEOUT && world.services.get(node).mayStillTry()) {
            startTimer(kind); // the Try's timeout is longer than the Try, or T17 promises nothing
          } else {
            if (kind == TimerKind.DEADLINE) {
              calls.late();
            }
            step(new ParticipantEvent.TimerFired(kind));
          }
        });
  }

  private String timerLabel(TimerKind kind) {
    return node + " branch timer " + kind;
  }

  /** What its service calls, and who called it. */
  Calls calls() {
    return calls;
  }

  /** What the coordinator asks of it. */
  Asked asked() {
    return asked;
  }

  /** Of a block of SQL: until it is prepared. */
  Block block() {
    return block;
  }

  /** The same, from then on. */
  BlockMachine machine() {
    return machine;
  }

  /** What an operator decides for it. */
  Heuristic heuristic() {
    return heuristic;
  }

  // Life and death

  void crash() {
    tellers.crash();
    asked.crash();
    heuristic.crash();
    branch = null;
    tried = false;
    calls.crash();
    block.crash();
    machine.over();
  }

  /**
   * As the engine's recovery. Its caller waits no more, so that a root is a branch as any other.
   */
  void recover(Record record) {
    Found begun =
        record.getBegun().getComplete() || Records.ref(record).getRestored()
            ? Found.BEGUN_COMPLETE
            : Found.BEGUN;
    Found kept = record.hasDecided() ? Found.DECIDED : Found.PREPARED;
    branch = new ParticipantState.New(Scenario.recovered(facts()));
    tried = false;
    if (record.hasResolved()) {
      var decided = record.getResolved().getResolution().getOutcome();
      heuristic.recover(decided);
      boolean commits = Heuristic.outcome(decided) == Outcome.COMMIT;
      step(new ParticipantEvent.Recovered(commits ? Found.RESOLVED_COMMIT : Found.RESOLVED_ABORT));
      return;
    }
    step(new ParticipantEvent.Recovered(record.hasBegun() ? begun : kept));
  }
}
