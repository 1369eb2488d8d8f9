package io.handfast.tx.explorer.etcd;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.core.participant.TryAnswer;
import io.handfast.tx.explorer.Model;
import io.handfast.tx.explorer.etcd.EtcdWorld.Kind;
import io.handfast.tx.explorer.etcd.Tried.Effect;
import io.handfast.tx.explorer.search.Cascade;
import io.handfast.tx.explorer.search.Chart;
import io.handfast.tx.explorer.search.World;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Makes one move, and all that follows from it in the same sidecar. Confined to one move. */
@SuppressWarnings("EnumOrdinal") // a state is bits: nothing keeps them longer than a search
final class EtcdStep {
  final EtcdWorld world;
  final Model model;
  final Chart chart;
  final PodBranch branches;
  final PodCoordinator coordinators;
  final Requests requests;
  private final Cascade cascade;

  EtcdStep(EtcdWorld world, Chart chart) {
    this.world = world;
    this.model = world.model;
    this.chart = chart;
    this.cascade = new Cascade(world::breach);
    this.branches = new PodBranch(this);
    this.coordinators = new PodCoordinator(this);
    this.requests = new Requests(this);
  }

  void begin() {
    cascade.run(() -> {
      coordinators.begin(world.pods[0]);
      branches.open(world.pods[0], 0);
    });
  }

  void take(World.Move move) {
    if (chart.isOn()) {
      draw(move);
    }
    cascade.run(() -> perform(move));
  }

  void locally(Runnable action) {
    cascade.follow(action);
  }

  private void perform(World.Move move) {
    Pod pod = world.pods[Math.min(move.at(), world.pods.length - 1)];
    switch ((Kind) move.kind()) {
      case DELIVER -> deliver(world.bag.remove(move.at()));
      case DUPLICATE -> {
        world.duplicates--;
        deliver(world.bag.get(move.at()));
      }
      case DROP -> {
        world.drops--;
        lost(world.bag.remove(move.at()));
      }
      case APPLY -> requests.apply(world.ops.remove(move.at()), true);
      case UNHEARD -> {
        world.doubts--;
        Op op = world.ops.remove(move.at());
        requests.apply(op, false);
        requests.unanswered(op);
      }
      case ADRIFT -> {
        world.doubts--;
        Op op = world.ops.remove(move.at());
        world.ops.add(op.adrift());
        requests.unanswered(op);
      }
      case VANISH -> world.ops.remove(move.at());
      case CRASH -> {
        world.crashes--;
        crash(pod);
      }
      case RESTART -> {
        pod.up = true;
        pod.life++;
        pod.firstLife = pod.life;
        pod.leased = true;
      }
      case EXPIRE -> {
        world.expiries -= move.fault() ? 1 : 0;
        pod.leased = false;
      }
      case WAKE -> {
        pod.life++;
        pod.leased = true;
        requests.reclaim(pod);
      }
      case CLAIM_BRANCH -> requests.claimBranch(pod);
      case CLAIM_DECISION -> requests.claimDecision(pod);
      case COLLECT_ABORT -> world.etcd.decision = Etcd.NOTHING;
      case TIMER -> {
        world.early -= move.fault() ? 1 : 0;
        branches.timer(pod, move.which());
      }
      case COORDINATOR_TIMER -> {
        world.early -= move.fault() ? 1 : 0;
        coordinators.timer(pod, move.which());
      }
      case REDELIVER -> {
        world.early -= move.fault() ? 1 : 0;
        coordinators.redeliver(pod, move.which());
      }
      case PATIENCE -> {
        world.early -= move.fault() ? 1 : 0;
        branches.acknowledge(pod, Acknowledgement.WORKING);
      }
      case WORK -> work(move.at());
      case ANSWER -> answer(move.at());
      case CONFIRM -> complete(pod, true);
      case CANCEL -> complete(pod, false);
    }
  }

  // Services

  private void work(int node) {
    Tried service = world.services[node];
    if (model.layout.isUpdating(node)) {
      if (service.effect != Effect.NONE) {
        world.breach(node + " is tried after it was " + service.effect + " (T17)");
      }
      service.effect = Effect.RESERVED;
    }
    if (node != 0) {
      answer(node);
      return;
    }
    service.working = true;
    Pod pod = world.pods[0];
    for (int i = 1; i < world.services.length; i++) {
      if (!pod.up || pod.branch == 0) {
        service.call(i, 3);
      } else {
        service.call(i, 1);
        branches.step(pod, new ParticipantEvent.CallOpened(model.layout.branch(i).id(), false));
      }
    }
  }

  private void answer(int node) {
    Tried service = world.services[node];
    service.trying = false;
    service.working = false;
    Pod pod = world.pods[2 * node];
    if (pod.up && pod.process == service.process && pod.branch != 0) {
      pod.answer = TryAnswer.SUCCESS.ordinal() + 1;
      branches.step(pod, new ParticipantEvent.ServiceAnswered(TryAnswer.SUCCESS, ""));
    }
  }

  private void complete(Pod pod, boolean confirm) {
    int node = pod.node();
    Tried service = world.services[node];
    boolean reversed =
        service.effect == (confirm ? Effect.CANCELLED : Effect.CONFIRMED)
            || (confirm && service.effect == Effect.NONE);
    String what = node + (confirm ? " confirms" : " cancels");
    if (reversed) {
      world.breach(what + " what was " + service.effect + " (AC2)");
    } else if (confirm != world.isDecided(node)) {
      world.breach(what + (confirm ? " and is not in" : " and is in") + " a decision (AC1)");
    }
    if (confirm) {
      pod.confirmSent = false;
      service.effect = Effect.CONFIRMED;
    } else {
      pod.cancelSent = false;
      service.effect = service.effect == Effect.NONE ? Effect.NONE : Effect.CANCELLED;
    }
    if (pod.completing == (confirm ? 1 : 2)) {
      pod.completing = 0;
      branches.step(pod, new ParticipantEvent.CompletionSucceeded());
    }
  }

  // Life

  private void crash(Pod pod) {
    boolean owesCall = pod.calledBy != 0 && waits(0, pod.calledBy - 1);
    for (int teller = 0; teller < 2; teller++) {
      if (teller != pod.number && pod.waiting(teller) >= 0 && waits(teller, pod.waiting(teller))) {
        send(new Mail(Mail.Kind.UNDELIVERED, pod.number, teller, 0, pod.node(), null, false));
      }
    }
    pod.die();
    List<Mail> broken = new ArrayList<>();
    world.bag.removeIf(mail -> {
      if (mail.kind() == Mail.Kind.REQUEST && mail.to() == pod.number) {
        broken.add(mail);
        return true;
      }
      return mail.kind().isAnswer() && mail.to() == pod.number;
    });
    broken.forEach(mail -> broke(mail.node()));
    if (pod.number == 0) {
      for (int i = 1; i < world.services.length; i++) {
        if (world.services[0].call(i) == 1) {
          world.services[0].call(i, 3);
        }
      }
    } else if (owesCall) {
      broke(pod.node());
    }
  }

  private void broke(int node) {
    if (world.pods[0].up) {
      send(new Mail(Mail.Kind.BROKEN, 2 * node, 0, 0, node, null, false));
    }
  }

  // The network

  void send(Mail mail) {
    world.bag.add(mail);
  }

  boolean waits(int pod, int process) {
    return world.pods[pod].up && world.pods[pod].process == process;
  }

  /** Whether who sent a request to etcd still waits for the answer. */
  static boolean hears(EtcdWorld world, Op op) {
    Pod pod = world.pods[op.pod()];
    return pod.up && pod.process == op.process();
  }

  private void deliver(Mail mail) {
    Pod to = world.pods[mail.to()];
    if (!to.up) {
      lost(mail);
      return;
    }
    switch (mail.kind()) {
      case REQUEST -> {
        if (to.branch == 0 && to.remembered == 0) {
          branches.open(to, mail.process() + 1);
        }
      }
      case ANSWER -> branches.callEnds(mail.node(), votes(mail), mail.flag() ? null : "failed");
      case BROKEN -> branches.callEnds(mail.node(), List.of(), "the connection broke");
      case VOTES -> branches.voted(mail);
      case VOTE_UNKNOWN -> branches.step(to, new ParticipantEvent.VoteUnknown());
      case OUTCOME ->
          branches.told(
              to,
              mail.content() == Outcome.COMMIT ? Outcome.COMMIT : Outcome.ABORT,
              mail.flag(),
              mail.from(),
              mail.process());
      case ACKNOWLEDGEMENT -> {
        if (mail.content() instanceof Acknowledgement said) {
          coordinators.acknowledged(to, mail.node(), said);
        }
      }
      case UNDELIVERED -> coordinators.unreached(to, mail.node());
    }
  }

  private void lost(Mail mail) {
    switch (mail.kind()) {
      case REQUEST -> {
        if (waits(mail.from(), mail.process())) {
          branches.callEnds(mail.node(), List.of(), "no connection");
        }
      }
      case ANSWER -> branches.callEnds(mail.node(), List.of(), "the connection broke");
      case OUTCOME -> {
        if (waits(mail.from(), mail.process())) {
          coordinators.unreached(world.pods[mail.from()], mail.node());
        }
      }
      case ACKNOWLEDGEMENT -> coordinators.unreached(world.pods[mail.to()], mail.node());
      // Sent again until the deadline; after it the participant asks, which may happen at any time.
      case VOTES, VOTE_UNKNOWN, BROKEN, UNDELIVERED -> {}
    }
  }

  @SuppressWarnings("unchecked") // written as such by PodBranch
  static List<BranchVote> votes(Mail mail) {
    return mail.content() == null ? List.of() : (List<BranchVote>) mail.content();
  }

  private void draw(World.Move move) {
    Kind kind = (Kind) move.kind();
    String words = kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    switch (kind) {
      case DELIVER, DUPLICATE, DROP -> {
        Mail mail = world.bag.get(move.at());
        String again = kind == Kind.DUPLICATE ? " (once more to come)" : "";
        boolean lost = kind == Kind.DROP || !world.pods[mail.to()].up;
        if (mail.from() == mail.to()) {
          chart.note(mail.to() + 1, mail + again + (lost ? " (lost)" : ""));
        } else {
          chart.arrow(mail.from() + 1, mail.to() + 1, mail + again, lost);
        }
      }
      case APPLY, UNHEARD, ADRIFT, VANISH -> {
        Op op = world.ops.get(move.at());
        chart.note(0, words + ": " + op + " by " + op.pod() + "/" + (op.owner() & 15));
      }
      case COLLECT_ABORT -> chart.note(0, words);
      case WORK, ANSWER -> chart.note(2 * move.at() + 1, words);
      case TIMER ->
          chart.note(
              move.at() + 1,
              "timer " + io.handfast.tx.core.participant.TimerKind.values()[move.which()]);
      case COORDINATOR_TIMER ->
          chart.note(
              move.at() + 1,
              "C timer " + io.handfast.tx.core.coordinator.TimerKind.values()[move.which()]);
      default -> chart.note(move.at() + 1, words);
    }
  }
}
