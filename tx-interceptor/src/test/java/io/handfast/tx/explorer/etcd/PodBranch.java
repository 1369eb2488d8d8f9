package io.handfast.tx.explorer.etcd;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Answer;
import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.participant.ParticipantEffect;
import io.handfast.tx.core.participant.ParticipantEffect.Release;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.core.participant.TimerKind;
import io.handfast.tx.core.participant.TryAnswer;
import io.handfast.tx.explorer.Layout;
import io.handfast.tx.explorer.Model;
import io.handfast.tx.explorer.Words;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A branch in a sidecar: what comes to its machine, and what that asks for. Confined to a move. */
@SuppressWarnings("EnumOrdinal") // a state is bits: nothing keeps them longer than a search
final class PodBranch {
  private final EtcdStep step;
  private final EtcdWorld world;
  private final Model model;

  PodBranch(EtcdStep step) {
    this.step = step;
    this.world = step.world;
    this.model = step.model;
  }

  void open(Pod pod, int calledBy) {
    pod.calledBy = calledBy;
    pod.branch = number(new ParticipantState.New(model.layout.branch(pod.node())));
    step(pod, new ParticipantEvent.Opened());
  }

  void recover(Pod pod, ParticipantEvent.Found found) {
    pod.branch = number(new ParticipantState.New(model.layout.recovered(pod.node())));
    step(pod, new ParticipantEvent.Recovered(found));
  }

  private int number(ParticipantState state) {
    return model.values.number(state);
  }

  void step(Pod pod, ParticipantEvent event) {
    step.locally(() -> {
      ParticipantState state = world.branch(pod);
      if (state == null || !pod.up) {
        return;
      }
      Model.Made<ParticipantEffect> made = model.step(pod.branch, state, event);
      pod.branch = made.next();
      if (step.chart.isOn()) {
        step.chart.note(pod.number + 1, Words.name(event) + " → " + made.name());
      }
      made.effects().forEach(effect -> perform(pod, effect));
    });
  }

  private void perform(Pod pod, ParticipantEffect effect) {
    switch (effect) {
      case ParticipantEffect.ForceBegun _, ParticipantEffect.WriteBegun _ ->
          step.requests.branch(pod, Op.Kind.BEGIN);
      case ParticipantEffect.ForceRecord _ -> step.requests.branch(pod, Op.Kind.RECORD);
      case ParticipantEffect.WriteEnd _ -> step.requests.end(pod);
      case ParticipantEffect.ForwardRequest _ -> {
        if (!world.etcd.wasThere(pod.node(), Etcd.BEGUN) && isUpdating(pod)) {
          world.breach(pod.node() + " sees a request before BEGUN is kept (force before tell)");
        }
        Tried service = world.services[pod.node()];
        service.trying = true;
        service.process = pod.process;
      }
      case ParticipantEffect.RefuseRequest _ -> respond(pod, false, List.of());
      case ParticipantEffect.AdmitCall e -> {
        int callee = Layout.nodeOf(e.call());
        step.send(
            new Mail(Mail.Kind.REQUEST, pod.number, 2 * callee, pod.process, callee, null, false));
      }
      case ParticipantEffect.RefuseCall e -> callAnswered(Layout.nodeOf(e.call()), false);
      case ParticipantEffect.ReleaseCall e ->
          callAnswered(Layout.nodeOf(e.call()), e.refused() == null);
      case ParticipantEffect.ReleaseHead _ -> {}
      case ParticipantEffect.ReleaseAnswer e -> {
        note(pod, e.votes(), false);
        boolean success =
            e.release() == Release.PASS && pod.answer == TryAnswer.SUCCESS.ordinal() + 1;
        respond(pod, success, e.votes());
      }
      case ParticipantEffect.SendVotes e -> {
        note(pod, e.votes(), false);
        sendVotes(pod, e.votes(), true);
      }
      case ParticipantEffect.SendStruck e -> sendVotes(pod, e.votes(), false);
      case ParticipantEffect.CloseRoot e -> {
        note(pod, e.votes(), e.recordRides());
        step.coordinators.rootClosed(pod, e);
      }
      case ParticipantEffect.DoomTransaction e -> {
        note(pod, e.votes(), false);
        step.coordinators.doomed(pod, e);
      }
      case ParticipantEffect.StrikeAtRoot e -> step.coordinators.struck(pod, e);
      case ParticipantEffect.Prepare e -> world.breach("nobody votes ask here: " + e);
      case ParticipantEffect.ForceResolution e -> world.breach("no operator is here: " + e);
      case ParticipantEffect.ForceOwnDecision e -> world.breach("nobody decides alone here: " + e);
      case ParticipantEffect.ThreePhase e -> world.breach("not THREE_PHASE: " + e);
      case ParticipantEffect.AnswerDelegation e -> world.breach("nobody decides alone here: " + e);
      case ParticipantEffect.AnswerPrepare e -> world.breach("nobody is asked here: " + e);
      case ParticipantEffect.Confirm _ -> {
        pod.confirmSent = true;
        pod.completing = 1;
      }
      case ParticipantEffect.Cancel _ -> {
        pod.cancelSent = true;
        pod.completing = 2;
      }
      case ParticipantEffect.Inquire e -> inquire(pod, e.mayAbort());
      case ParticipantEffect.Acknowledge e -> acknowledge(pod, e.acknowledgement());
      case ParticipantEffect.StartTimer e -> pod.timers |= 1 << e.kind().ordinal();
      case ParticipantEffect.CancelTimer e -> pod.timers &= ~(1 << e.kind().ordinal());
      case ParticipantEffect.ReportHazard e ->
          world.breach(pod.node() + " shows a hazard, and no service refused: " + e.detail());
      case ParticipantEffect.Forget _ -> {
        if (world.branch(pod) instanceof ParticipantState.Ended ended) {
          pod.remembered = ended.outcome().ordinal() + 1;
        }
        pod.forgetBranch();
      }
    }
  }

  private boolean isUpdating(Pod pod) {
    return model.layout.isUpdating(pod.node());
  }

  private void note(Pod pod, List<BranchVote> votes, boolean recordRides) {
    for (BranchVote vote : votes) {
      if (Layout.nodeOf(vote.branch()) != pod.node()) {
        continue;
      }
      if (vote.vote() == Vote.PREPARED) {
        boolean complete = model.layout.branch(pod.node()).durability().isComplete();
        int needed = complete ? Etcd.BEGUN : Etcd.PREPARED;
        if (!recordRides && !world.etcd.wasThere(pod.node(), needed)) {
          world.breach(pod.node() + " votes yes before its record is durable (force before tell)");
        }
        world.votedYes |= 1 << pod.node();
      } else if (vote.vote() == Vote.ABORT) {
        world.votedNo |= 1 << pod.node();
      }
    }
  }

  // Calls, of the first sidecar of the boundary's service only

  private void respond(Pod pod, boolean success, List<BranchVote> votes) {
    int calledBy = pod.calledBy;
    pod.calledBy = 0;
    if (calledBy != 0 && step.waits(0, calledBy - 1)) {
      step.send(
          new Mail(
              Mail.Kind.ANSWER,
              pod.number,
              0,
              0,
              pod.node(),
              votes.isEmpty() ? null : votes,
              success));
    }
  }

  private void sendVotes(Pod pod, List<BranchVote> votes, boolean last) {
    step.send(new Mail(Mail.Kind.VOTES, pod.number, 0, pod.process, pod.node(), votes, last));
  }

  void voted(Mail mail) {
    Pod caller = world.pods[0];
    ParticipantState branch = world.branch(caller);
    boolean open =
        branch instanceof ParticipantState.Working || branch instanceof ParticipantState.Closing;
    if (open && world.services[0].call(mail.node()) != 0) {
      step(
          caller,
          new ParticipantEvent.CallVoted(
              model.layout.branch(mail.node()).id(), EtcdStep.votes(mail)));
    } else if (mail.flag() && step.waits(mail.from(), mail.process())) {
      step.send(new Mail(Mail.Kind.VOTE_UNKNOWN, 0, mail.from(), 0, mail.node(), null, false));
    }
  }

  void callEnds(int callee, List<BranchVote> votes, @Nullable String failure) {
    Pod caller = world.pods[0];
    if (world.services[0].call(callee) != 1) {
      return; // it ended before
    }
    var id = model.layout.branch(callee).id();
    if (!votes.isEmpty()) {
      step(caller, new ParticipantEvent.CallVoted(id, votes));
    }
    step(caller, new ParticipantEvent.CallEnded(id, failure));
    step.locally(() -> callAnswered(callee, failure == null));
  }

  private void callAnswered(int callee, boolean success) {
    if (world.services[0].call(callee) == 1) {
      world.services[0].call(callee, success ? 2 : 3);
    }
  }

  // The outcome

  /** Where the coordinator runs it is asked, elsewhere the store. */
  private void inquire(Pod pod, boolean mayAbort) {
    if (pod.node() == 0 && pod.coordinator != 0) {
      step.locally(() -> {
        Answer answer =
            model.machines.answer(world.coordinator(pod), model.layout.branch(0).key(), true, true);
        inquiryAnswered(pod, answer);
      });
    } else {
      step.requests.ask(pod, mayAbort);
    }
  }

  void inquiryAnswered(Pod pod, @Nullable Answer answer) {
    if (answer == Answer.COMMITTED && !world.isDecided(pod.node())) {
      world.breach(pod.node() + " is told committed and is not in a decision");
    } else if (answer == Answer.ABORTED && world.isDecided(pod.node()) && pod.branch != 0) {
      world.breach(pod.node() + " is told aborted and is in a decision");
    }
    step(
        pod,
        answer == null
            ? new ParticipantEvent.InquiryUnanswered()
            : new ParticipantEvent.InquiryAnswered(answer));
  }

  /** Another sidecar carries it on: it stops here as it stands. */
  void takenOver(Pod pod) {
    pod.forgetBranch();
  }

  /** T16, of branches that are known, that have ended, and that are not known. */
  void told(Pod pod, Outcome outcome, boolean awaited, int by, int process) {
    pod.toldBy(by, process);
    if (pod.branch != 0) {
      step(pod, new ParticipantEvent.Told(outcome, awaited));
    } else if (pod.remembered == 0 && outcome == Outcome.COMMIT) {
      step.requests.known(pod);
    } else {
      if (pod.remembered == 0) {
        pod.remembered = BranchOutcome.ABORTED.ordinal() + 1;
      }
      acknowledge(pod, agrees(pod, outcome) ? Acknowledgement.DONE : Acknowledgement.HAZARD);
    }
  }

  private static boolean agrees(Pod pod, Outcome outcome) {
    return switch (BranchOutcome.values()[pod.remembered - 1]) {
      case COMMITTED -> outcome == Outcome.COMMIT;
      case ABORTED -> outcome == Outcome.ABORT;
      case READ_ONLY -> true;
      case HAZARD -> false;
    };
  }

  void acknowledge(Pod pod, Acknowledgement said) {
    int node = pod.node();
    if (said == Acknowledgement.HAZARD) {
      world.breach(node + " answers HAZARD, and no service refused");
    }
    for (int teller = 0; teller < 2; teller++) {
      int process = pod.waiting(teller);
      if (process < 0 || !step.waits(teller, process)) {
        continue;
      }
      if (teller == pod.number) {
        step.locally(() -> step.coordinators.acknowledged(pod, node, said));
      } else {
        step.send(new Mail(Mail.Kind.ACKNOWLEDGEMENT, pod.number, teller, 0, node, said, false));
      }
    }
    pod.toldBy = 0;
  }

  void timer(Pod pod, int kind) {
    pod.timers &= ~(1 << kind);
    step(pod, new ParticipantEvent.TimerFired(TimerKind.values()[kind]));
  }
}
