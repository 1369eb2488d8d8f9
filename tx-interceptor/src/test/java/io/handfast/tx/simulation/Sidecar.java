package io.handfast.tx.simulation;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.Transition;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.participant.ParticipantCore;
import io.handfast.tx.core.participant.ParticipantEffect;
import io.handfast.tx.core.participant.ParticipantEffect.Release;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.core.participant.ParticipantEvent.Found;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.core.participant.TimerKind;
import io.handfast.tx.core.participant.TryAnswer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A sidecar: drives the participant, and at the first service the coordinator, over its journal and
 * the network.
 */
final class Sidecar {
  private final World world;
  private final int node;
  private final SimJournal journal;
  private final SimCoordinator coordinator;
  private final Queue<Runnable> local = new ArrayDeque<>();
  private final Map<Integer, Integer> calls =
      new HashMap<>(); // child → its life when it was called
  private final Set<Integer> answeredCalls = new HashSet<>();
  private @Nullable ParticipantState branch;
  private boolean draining;
  private boolean up = true;
  private boolean opened;
  private boolean outcomeWaits;
  private boolean promiseWaits;
  private int life;
  private int callerLife;
  private TryAnswer lastAnswer = TryAnswer.NOT_SENT;

  Sidecar(World world, int node) {
    this.world = world;
    this.node = node;
    this.journal = new SimJournal(world, node);
    this.coordinator = new SimCoordinator(world, this);
  }

  boolean isUp() {
    return up;
  }

  int life() {
    return life;
  }

  SimJournal journal() {
    return journal;
  }

  SimCoordinator coordinator() {
    return coordinator;
  }

  @Nullable ParticipantState branch() {
    return branch;
  }

  /** Runs after what runs now, before anything else can happen here. */
  void locally(Runnable action) {
    local.add(action);
    if (draining) {
      return;
    }
    draining = true;
    for (Runnable next = local.poll(); next != null; next = local.poll()) {
      next.run();
    }
    draining = false;
  }

  void begin() {
    if (!up) {
      return; // the client finds nobody
    }
    coordinator.begin(facts());
    open(-1);
    if (world.answerIsLost()) {
      world.later(node, "client goes", coordinator::clientGone);
    }
  }

  private Branch facts() {
    return world.scenario.nodes().get(node).branch();
  }

  private void open(int lifeOfCaller) {
    opened = true;
    callerLife = lifeOfCaller;
    branch = new ParticipantState.New(facts());
    step(new ParticipantEvent.Opened());
  }

  void step(ParticipantEvent event) {
    locally(() -> {
      ParticipantState state = branch;
      if (state == null) {
        return;
      }
      Transition<ParticipantState, ParticipantEffect> transition =
          ParticipantCore.step(state, event);
      branch = transition.next();
      world.log.add(
          "  " + node + " " + event + " → " + transition.next().getClass().getSimpleName());
      for (ParticipantEffect effect : transition.effects()) {
        if (up) {
          perform(effect);
        }
      }
    });
  }

  private void perform(ParticipantEffect effect) {
    switch (effect) {
      case ParticipantEffect.ForceBegun _ ->
          write(
              new SimJournal.Entry.Begun(),
              new ParticipantEvent.BegunDurable(),
              ParticipantEvent.Write.BEGUN);
      case ParticipantEffect.WriteBegun _ ->
          journal.writeOverlapped(
              new SimJournal.Entry.Begun(),
              () -> step(new ParticipantEvent.BegunWritten()),
              () -> step(new ParticipantEvent.BegunDurable()),
              () -> step(new ParticipantEvent.WriteFailed(ParticipantEvent.Write.BEGUN, "disk")));
      case ParticipantEffect.ForwardRequest _ -> world.services.get(node).request(life);
      case ParticipantEffect.RefuseRequest _ -> respond(false, List.of());
      case ParticipantEffect.AdmitCall e -> sendRequest(Scenario.nodeOf(e.call()));
      case ParticipantEffect.RefuseCall e ->
          world.services.get(node).callAnswered(Scenario.nodeOf(e.call()), false);
      case ParticipantEffect.ReleaseCall e ->
          world.services.get(node).callAnswered(Scenario.nodeOf(e.call()), e.refused() == null);
      case ParticipantEffect.ReleaseHead _ -> {}
      case ParticipantEffect.ForceRecord _ ->
          write(
              new SimJournal.Entry.Prepared(),
              new ParticipantEvent.RecordDurable(),
              ParticipantEvent.Write.BRANCH_RECORD);
      case ParticipantEffect.ReleaseAnswer e -> {
        noteVotes(e.votes(), false);
        respond(e.release() == Release.PASS && lastAnswer == TryAnswer.SUCCESS, e.votes());
      }
      case ParticipantEffect.SendVotes e -> {
        noteVotes(e.votes(), false);
        sendVotes(e.votes(), true);
      }
      case ParticipantEffect.SendStruck e -> sendVotes(e.votes(), false);
      case ParticipantEffect.CloseRoot e -> {
        noteVotes(e.votes(), e.recordRides());
        locally(() -> coordinator.rootClosed(e));
      }
      case ParticipantEffect.DoomTransaction e -> {
        noteVotes(e.votes(), false);
        locally(() -> coordinator.doomed(e));
      }
      case ParticipantEffect.StrikeAtRoot e -> locally(() -> coordinator.struck(e));
      case ParticipantEffect.Prepare _ ->
          world.later(
              node,
              node + " prepares",
              () ->
                  step(
                      new ParticipantEvent.ServicePrepared(
                          world.services.get(node).prepare(), "")));
      case ParticipantEffect.ForceOwnDecision e ->
          world.violations.add("nobody decides alone here: " + e);
      case ParticipantEffect.AnswerDelegation e ->
          world.violations.add("nobody decides alone here: " + e);
      case ParticipantEffect.AnswerPrepare e -> promise(e.vote(), e.reason());
      case ParticipantEffect.Confirm _ -> complete(Outcome.COMMIT);
      case ParticipantEffect.Cancel _ -> complete(Outcome.ABORT);
      case ParticipantEffect.Inquire _ -> inquire();
      case ParticipantEffect.WriteEnd _ ->
          write(
              new SimJournal.Entry.BranchEnded(),
              new ParticipantEvent.EndDurable(),
              ParticipantEvent.Write.END);
      case ParticipantEffect.Acknowledge e -> acknowledge(e.acknowledgement());
      case ParticipantEffect.StartTimer e -> startTimer(e.kind());
      case ParticipantEffect.CancelTimer e -> world.cancelTimer(node, timerLabel(e.kind()));
      case ParticipantEffect.ReportHazard e ->
          world.violations.add(node + " hazard: " + e.detail());
      case ParticipantEffect.Forget _ -> {
        branch = null;
        world.cancelTimers(node, node + " branch timer");
      }
    }
  }

  private void write(
      SimJournal.Entry entry, ParticipantEvent durable, ParticipantEvent.Write kind) {
    journal.write(
        entry, () -> step(durable), () -> step(new ParticipantEvent.WriteFailed(kind, "disk")));
  }

  /**
   * Force before tell: a yes leaves only when the branch record is durable, or rides with the
   * decision.
   */
  private void noteVotes(List<BranchVote> votes, boolean recordRides) {
    for (BranchVote vote : votes) {
      if (Scenario.nodeOf(vote.branch()) != node) {
        continue;
      }
      switch (vote.vote()) {
        case PREPARED -> {
          world.votedYes.add(node);
          boolean complete =
              facts().durability().isComplete() && journal.has(SimJournal.Entry.Begun.class);
          if (!complete && !recordRides && !journal.has(SimJournal.Entry.Prepared.class)) {
            world.violations.add(node + " voted yes before its record was durable");
          }
        }
        case ABORT -> world.votedNo.add(node);
        case READ_ONLY, ASK, STRUCK -> {}
      }
    }
  }

  // Calls

  void call(int child) {
    if (!up || branch == null) {
      world.services.get(node).callAnswered(child, false); // T5
      return;
    }
    boolean optional = world.scenario.nodes().get(child).optional();
    step(
        new ParticipantEvent.CallOpened(world.scenario.nodes().get(child).branch().id(), optional));
  }

  private void sendRequest(int child) {
    Sidecar callee = world.sidecars.get(child);
    calls.put(child, callee.life);
    int lifeNow = life;
    world.later(
        -1,
        node + " → " + child + " request",
        () -> {
          if (life == lifeNow
              && callee.up
              && callee.life == calls.getOrDefault(child, -1)
              && !callee.opened) {
            callee.open(lifeNow);
            if (world.answerIsLost()) {
              callEnded(child, lifeNow, "connection lost");
            }
          } else {
            callEnded(child, lifeNow, "no connection");
          }
        });
  }

  private void callEnded(int child, int lifeThen, @Nullable String failure) {
    world.later(
        node,
        node + " call to " + child + " ends",
        () -> {
          if (life != lifeThen || !answeredCalls.add(child)) {
            return;
          }
          boolean optional = world.scenario.nodes().get(child).optional();
          step(
              new ParticipantEvent.CallEnded(
                  world.scenario.nodes().get(child).branch().id(), failure));
          if (failure != null || !optional) {
            world.services.get(node).callAnswered(child, failure == null);
          } else if (branch == null) {
            world.services.get(node).callAnswered(child, false);
          }
        });
  }

  void connectionLost(int other) {
    if (up && calls.containsKey(other)) {
      callEnded(other, life, "connection lost");
    }
  }

  private void respond(boolean success, List<BranchVote> votes) {
    int parent = world.scenario.nodes().get(node).parent();
    Sidecar caller = world.sidecars.get(parent);
    int lifeOfCaller = callerLife;
    world.later(
        -1,
        node + " → " + parent + " answer " + success,
        () -> {
          if (!caller.up || caller.life != lifeOfCaller || caller.answeredCalls.contains(node)) {
            return;
          }
          if (!votes.isEmpty()) {
            caller.step(new ParticipantEvent.CallVoted(facts().id(), votes));
          }
          caller.callEnded(node, lifeOfCaller, success ? null : "failed");
        });
  }

  private void sendVotes(List<BranchVote> votes, boolean complete) {
    int parent = world.scenario.nodes().get(node).parent();
    int lifeNow = life;
    int lifeOfCaller = callerLife;
    world.send(
        node + " → " + parent + " votes",
        () -> {
          Sidecar caller = world.sidecars.get(parent);
          if (!caller.up || caller.life != lifeOfCaller || caller.branch == null) {
            if (complete && life == lifeNow) {
              step(new ParticipantEvent.VoteUnknown());
            }
          } else {
            caller.step(new ParticipantEvent.CallVoted(facts().id(), votes));
          }
        },
        () -> {
          if (complete && life == lifeNow) {
            sendVotes(votes, true);
          }
        });
  }

  // The resource

  void serviceAnswered(TryAnswer answer, int lifeOfRequest) {
    world.later(
        -1,
        node + " answered " + answer,
        () -> {
          if (up && life == lifeOfRequest && branch != null) {
            lastAnswer = answer;
            step(
                new ParticipantEvent.ServiceAnswered(
                    answer, answer == TryAnswer.SUCCESS ? "" : "said " + answer));
          }
        });
  }

  private void complete(Outcome outcome) {
    world.later(
        node,
        node + " " + outcome,
        () -> {
          if (world.completionFails()) {
            step(new ParticipantEvent.CompletionFailed("not now"));
            return;
          }
          switch (outcome) {
            case COMMIT -> world.services.get(node).confirm();
            case ABORT -> world.services.get(node).cancel();
          }
          world.later(
              node,
              node + " " + outcome + " done",
              () -> step(new ParticipantEvent.CompletionSucceeded()));
        });
  }

  // The coordinator, seen from here

  private void inquire() {
    Sidecar decider = world.sidecars.getFirst();
    int lifeNow = life;
    Runnable unanswered =
        () -> {
          if (life == lifeNow) {
            step(new ParticipantEvent.InquiryUnanswered());
          }
        };
    world.send(
        node + " inquires",
        () -> {
          if (!decider.up) {
            unanswered.run();
            return;
          }
          ParticipantEvent answer =
              new ParticipantEvent.InquiryAnswered(decider.coordinator.answer(facts().key()));
          world.send(
              node + " is answered " + answer,
              () -> {
                if (life == lifeNow) {
                  step(answer);
                }
              },
              unanswered);
        },
        unanswered);
  }

  /** True if it was taken up here: an acknowledgement follows. */
  void told(Outcome outcome, boolean awaited) {
    if (branch == null) {
      outcomeWaits = true;
      acknowledge(Acknowledgement.DONE); // T16: of a branch that is not known
      return;
    }
    outcomeWaits = true;
    step(new ParticipantEvent.Told(outcome, awaited));
    world.later(
        node,
        node + " outcome call times out",
        () -> {
          if (outcomeWaits) {
            acknowledge(Acknowledgement.WORKING);
          }
        });
  }

  private void acknowledge(Acknowledgement acknowledgement) {
    boolean unended =
        journal.has(SimJournal.Entry.Begun.class)
            && !journal.has(SimJournal.Entry.BranchEnded.class);
    if (acknowledgement == Acknowledgement.DONE && branch != null && unended) {
      world.violations.add(node + " acknowledged before its end was durable (T16)");
    }
    if (outcomeWaits) {
      outcomeWaits = false;
      world.sidecars.getFirst().coordinator.acknowledgedBy(node, acknowledgement);
    }
  }

  /** The coordinator asks to prepare. */
  void prepare() {
    promiseWaits = true;
    if (branch == null) {
      promise(Vote.ABORT, "not in flight");
      return;
    }
    step(new ParticipantEvent.PrepareRequested());
    world.timer(
        node,
        node + " prepare call times out",
        () -> {
          if (promiseWaits) {
            promise(Vote.ASK, "");
          }
        });
  }

  private void promise(Vote vote, String reason) {
    if (branch != null) {
      noteVotes(List.of(facts().vote(vote, reason)), node == 0);
    }
    if (promiseWaits) {
      promiseWaits = false;
      world.sidecars.getFirst().coordinator.promisedBy(node, vote, reason);
    }
  }

  private void startTimer(TimerKind kind) {
    world.timer(
        node,
        timerLabel(kind),
        () -> {
          if (kind == TimerKind.TRY_TIMEOUT && world.services.get(node).mayStillTry()) {
            startTimer(kind); // the Try's timeout is longer than the Try, or T17 promises nothing
          } else {
            step(new ParticipantEvent.TimerFired(kind));
          }
        });
  }

  private String timerLabel(TimerKind kind) {
    return node + " branch timer " + kind;
  }

  // Life and death

  void crash() {
    if (outcomeWaits && node != 0) {
      world.sidecars.getFirst().coordinator.undelivered(node);
    }
    if (promiseWaits && node != 0) {
      world.sidecars.getFirst().coordinator.unpromised(node);
    }
    up = false;
    life++;
    journal.crash();
    branch = null;
    local.clear();
    calls.clear();
    answeredCalls.clear();
    outcomeWaits = false;
    promiseWaits = false;
    coordinator.crash();
  }

  void start() {
    if (up) {
      return;
    }
    up = true;
    draining = false;
    boolean ownInDecision =
        journal.durable().stream()
            .anyMatch(
                entry -> entry instanceof SimJournal.Entry.Decision decision && decision.own());
    boolean prepared = journal.has(SimJournal.Entry.Prepared.class) || ownInDecision;
    boolean begun = journal.has(SimJournal.Entry.Begun.class);
    if (!journal.has(SimJournal.Entry.BranchEnded.class) && (prepared || begun)) {
      Found begunKind = facts().durability().isComplete() ? Found.BEGUN_COMPLETE : Found.BEGUN;
      branch = new ParticipantState.New(facts());
      step(new ParticipantEvent.Recovered(prepared ? Found.PREPARED : begunKind));
    }
    coordinator.recover();
  }
}
