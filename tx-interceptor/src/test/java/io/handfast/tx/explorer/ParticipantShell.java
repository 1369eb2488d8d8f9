package io.handfast.tx.explorer;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Answer;
import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.participant.ParticipantEffect;
import io.handfast.tx.core.participant.ParticipantEffect.Release;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.core.participant.TimerKind;
import io.handfast.tx.core.participant.TryAnswer;
import io.handfast.tx.explorer.Message.Kind;
import io.handfast.tx.explorer.Node.Entry;
import io.handfast.tx.explorer.Node.Write;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A branch in its sidecar: what comes to its machine, and what that asks for. Confined to a move.
 */
@SuppressWarnings("EnumOrdinal") // a state is bits: nothing keeps them longer than a search
final class ParticipantShell {
  private final Step step;
  private final JournalWorld world;
  private final Model model;

  ParticipantShell(Step step) {
    this.step = step;
    this.world = step.world;
    this.model = step.model;
  }

  void open(int n, int calledBy) {
    Node node = world.nodes[n];
    node.calledBy = calledBy;
    node.branch = number(new ParticipantState.New(model.layout.branch(n)));
    step(node, new ParticipantEvent.Opened());
  }

  void recover(Node node, ParticipantEvent.Found found) {
    node.branch = number(new ParticipantState.New(model.layout.recovered(node.number)));
    step(node, new ParticipantEvent.Recovered(found));
  }

  private int number(ParticipantState state) {
    return model.values.number(state);
  }

  void step(Node node, ParticipantEvent event) {
    step.locally(() -> {
      ParticipantState state = world.branch(node.number);
      if (state == null || !node.up) {
        return;
      }
      Model.Made<ParticipantEffect> made = model.step(node.branch, state, event);
      node.branch = made.next();
      if (step.chart.isOn()) {
        step.chart.note(node.number + 1, Words.name(event) + " → " + made.name());
      }
      made.effects().forEach(effect -> perform(node, effect));
    });
  }

  private void perform(Node node, ParticipantEffect effect) {
    switch (effect) {
      case ParticipantEffect.ForceBegun _ -> write(node, Entry.BEGUN, false);
      case ParticipantEffect.WriteBegun _ -> write(node, Entry.BEGUN, true);
      case ParticipantEffect.ForceRecord _ -> write(node, Entry.PREPARED, false);
      case ParticipantEffect.WriteEnd e -> write(node, end(e.outcome()), false);
      case ParticipantEffect.ForwardRequest _ -> {
        Promises.requestGoes(world, node);
        node.trying = true;
        node.tryLife = node.life;
      }
      case ParticipantEffect.RefuseRequest _ -> respond(node, false, List.of());
      case ParticipantEffect.AdmitCall e ->
          step.send(
              new Message(
                  Kind.REQUEST, node.number, Layout.nodeOf(e.call()), node.life, null, false));
      case ParticipantEffect.RefuseCall e -> callAnswered(node, Layout.nodeOf(e.call()), false);
      case ParticipantEffect.ReleaseCall e ->
          callAnswered(node, Layout.nodeOf(e.call()), e.refused() == null);
      case ParticipantEffect.ReleaseHead _ -> {}
      case ParticipantEffect.ReleaseAnswer e -> {
        noteVotes(node, e.votes(), false);
        boolean success =
            e.release() == Release.PASS && node.answer == TryAnswer.SUCCESS.ordinal() + 1;
        respond(node, success, e.votes());
      }
      case ParticipantEffect.SendVotes e -> {
        noteVotes(node, e.votes(), false);
        sendVotes(node, e.votes(), true);
      }
      case ParticipantEffect.SendStruck e -> sendVotes(node, e.votes(), false);
      case ParticipantEffect.CloseRoot e -> {
        noteVotes(node, e.votes(), e.recordRides());
        step.coordinator.rootClosed(e);
      }
      case ParticipantEffect.DoomTransaction e -> {
        noteVotes(node, e.votes(), false);
        step.coordinator.doomed(e);
      }
      case ParticipantEffect.StrikeAtRoot e -> step.coordinator.struck(e);
      case ParticipantEffect.Prepare _ -> {
        node.prepareSent = true;
        node.completing = 3;
      }
      case ParticipantEffect.ForceResolution e -> step.operators.force(node, e.outcome());
      case ParticipantEffect.ForceOwnDecision _ -> {
        Promises.decidesAlone(world, node);
        write(node, Entry.OWN_DECISION, false);
      }
      case ParticipantEffect.AnswerDelegation e -> step.prepares.decided(node, e.answer());
      case ParticipantEffect.AnswerPrepare e -> step.prepares.promised(node, e.vote());
      case ParticipantEffect.Confirm _ -> {
        node.confirmSent = true;
        node.completing = 1;
      }
      case ParticipantEffect.Cancel _ -> {
        node.cancelSent = true;
        node.completing = 2;
      }
      case ParticipantEffect.Inquire _ -> inquire(node);
      case ParticipantEffect.Acknowledge e -> acknowledge(node, e.acknowledgement());
      case ParticipantEffect.StartTimer e -> node.timers |= 1 << e.kind().ordinal();
      case ParticipantEffect.CancelTimer e -> node.timers &= ~(1 << e.kind().ordinal());
      case ParticipantEffect.ReportHazard e -> {
        boolean inDoubt =
            world.branch(node.number) instanceof ParticipantState.DecidingAlone alone
                && alone.inDoubt();
        if (!inDoubt) {
          world.breach(node.number + " shows a hazard, and no service refused: " + e.detail());
        }
      }
      case ParticipantEffect.Forget _ -> forget(node);
      case ParticipantEffect.ThreePhase e -> step.members.perform(node, e);
    }
  }

  private void write(Node node, Entry entry, boolean overlapped) {
    step.stores.write(node, new Write(entry.bit(), 0, overlapped));
  }

  private static Entry end(BranchOutcome outcome) {
    return switch (outcome) {
      case COMMITTED -> Entry.END_COMMITTED;
      case ABORTED -> Entry.END_ABORTED;
      case READ_ONLY -> Entry.END_READ_ONLY;
      case HAZARD -> Entry.END_HAZARD;
    };
  }

  private void forget(Node node) {
    if (world.branch(node.number) instanceof ParticipantState.Ended ended) {
      node.remembered = ended.outcome().ordinal() + 1;
    }
    node.branch = Interner.NONE;
    node.timers = 0;
    step.operators.over(node);
  }

  private void noteVotes(Node node, List<BranchVote> votes, boolean recordRides) {
    for (BranchVote vote : votes) {
      if (Layout.nodeOf(vote.branch()) != node.number) {
        continue;
      }
      switch (vote.vote()) {
        case PREPARED -> Promises.votesYes(world, node, recordRides);
        case ABORT -> world.votedNo |= 1 << node.number;
        case ASK -> world.offered |= 1 << node.number;
        case READ_ONLY, STRUCK -> {}
      }
    }
  }

  // Calls

  private void respond(Node node, boolean success, List<BranchVote> votes) {
    int calledBy = node.calledBy;
    node.calledBy = 0;
    if (calledBy != 0 && step.waits(0, calledBy - 1)) {
      step.send(
          new Message(Kind.ANSWER, node.number, 0, 0, votes.isEmpty() ? null : votes, success));
    }
  }

  private void sendVotes(Node node, List<BranchVote> votes, boolean last) {
    step.send(new Message(Kind.VOTES, node.number, 0, node.life, votes, last));
  }

  /** Votes that came by themselves: of a call that is not open here they do not count. */
  void voted(Message message) {
    Node caller = world.nodes[0];
    ParticipantState branch = world.branch(0);
    boolean open =
        branch instanceof ParticipantState.Working || branch instanceof ParticipantState.Closing;
    if (open && caller.call(message.from()) != 0) {
      step(
          caller,
          new ParticipantEvent.CallVoted(
              model.layout.branch(message.from()).id(), Step.votes(message)));
    } else if (message.flag() && step.waits(message.from(), message.life())) {
      step.send(new Message(Kind.VOTE_UNKNOWN, 0, message.from(), 0, null, false));
    }
  }

  void callEnds(int callee, List<BranchVote> votes, @Nullable String failure) {
    Node caller = world.nodes[0];
    if (caller.call(callee) != 1) {
      return; // it ended before
    }
    var id = model.layout.branch(callee).id();
    if (!votes.isEmpty()) {
      step(caller, new ParticipantEvent.CallVoted(id, votes));
    }
    step(caller, new ParticipantEvent.CallEnded(id, failure));
    boolean held = model.layout.isOptional(callee) && failure == null;
    step.locally(() -> {
      if (!held || caller.branch == Interner.NONE) {
        callAnswered(caller, callee, failure == null);
      }
    });
  }

  private void callAnswered(Node node, int callee, boolean success) {
    if (node.call(callee) == 1) {
      node.call(callee, success ? 2 : 3);
    }
  }

  void serviceAnswered(Node node, TryAnswer answer) {
    node.answer = answer.ordinal() + 1;
    step(
        node,
        new ParticipantEvent.ServiceAnswered(
            answer, answer == TryAnswer.SUCCESS ? "" : "said " + answer));
  }

  // The coordinator, seen from here

  private void inquire(Node node) {
    Message inquiry = new Message(Kind.INQUIRY, node.number, 0, node.life, null, false);
    if (node.number == 0) {
      step.locally(() -> step.coordinator.inquired(inquiry, true, true));
    } else {
      step.send(inquiry);
    }
  }

  void inquiryAnswered(Node node, @Nullable Answer answer) {
    step(
        node,
        answer == null
            ? new ParticipantEvent.InquiryUnanswered()
            : new ParticipantEvent.InquiryAnswered(answer));
  }

  /** T16, of branches that are known, that have ended, and that are not known. */
  void told(Node node, Outcome outcome, boolean awaited, int by) {
    if (step.operators.takes(node, outcome, by)) {
      return;
    }
    if (node.branch != Interner.NONE) {
      node.toldBy = Math.max(node.toldBy, by); // a former life waits no more
      step(node, new ParticipantEvent.Told(outcome, awaited));
      return;
    }
    node.toldBy = by;
    if (node.remembered == 0 && outcome == Outcome.ABORT) {
      node.remembered = BranchOutcome.ABORTED.ordinal() + 1;
    }
    acknowledge(node, agrees(node, outcome) ? Acknowledgement.DONE : Acknowledgement.HAZARD);
  }

  private static boolean agrees(Node node, Outcome outcome) {
    if (node.remembered == 0) {
      return true;
    }
    return switch (BranchOutcome.values()[node.remembered - 1]) {
      case COMMITTED -> outcome == Outcome.COMMIT;
      case ABORTED -> outcome == Outcome.ABORT;
      case READ_ONLY -> true;
      case HAZARD -> false;
    };
  }

  void acknowledge(Node node, Acknowledgement acknowledgement) {
    if (acknowledgement == Acknowledgement.DONE) {
      Promises.acknowledges(world, node);
    } else if (acknowledgement == Acknowledgement.HAZARD && !node.isResolved()) {
      world.breach(node.number + " answers HAZARD, and no service refused");
    }
    int by = node.toldBy;
    node.toldBy = 0;
    if (node.number == 0) {
      step.locally(() -> step.coordinator.acknowledged(0, acknowledgement));
    } else if (by != 0 && step.waits(0, by - 1)) {
      step.send(new Message(Kind.ACKNOWLEDGEMENT, node.number, 0, 0, acknowledgement, false));
    }
  }

  void timer(Node node, int kind) {
    node.timers &= ~(1 << kind);
    step(node, new ParticipantEvent.TimerFired(TimerKind.values()[kind]));
  }
}
