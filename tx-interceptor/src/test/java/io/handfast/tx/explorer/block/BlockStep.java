package io.handfast.tx.explorer.block;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Answer;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.participant.TimerKind;
import io.handfast.tx.explorer.Interner;
import io.handfast.tx.explorer.search.Cascade;
import io.handfast.tx.explorer.search.Chart;
import io.handfast.tx.explorer.search.World;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Makes one move, and all that follows from it in the same sidecar before anything else can happen
 * there. Confined to one move.
 */
@SuppressWarnings("EnumOrdinal") // a state is bits: nothing keeps them longer than a search
final class BlockStep {
  final BlockWorld world;
  final Chart chart;
  final BlockMachines machines;
  final BlockCoordinator coordinator;
  final BlockConnections connections;
  private final Cascade cascade;

  BlockStep(BlockWorld world, Chart chart) {
    this.world = world;
    this.chart = chart;
    this.cascade = new Cascade(world::breach);
    this.machines = new BlockMachines(this);
    this.coordinator = new BlockCoordinator(this);
    this.connections = new BlockConnections(this);
  }

  void begin() {
    cascade.run(() -> {
      coordinator.begin();
      machines.open(world.actor(BlockLayout.ROOT, 0));
    });
  }

  void take(World.Move move) {
    if (chart.isOn()) {
      draw(move);
    }
    cascade.run(() -> perform(move));
  }

  /** Runs after what runs now, before anything else can happen in this sidecar. */
  void locally(Runnable action) {
    cascade.follow(action);
  }

  void send(Mail mail) {
    world.bag.add(mail);
  }

  boolean waits(int host, int life) {
    return world.up[host] && world.lives[host] == life;
  }

  private void perform(World.Move move) {
    int at = move.at();
    switch ((BlockWorld.Kind) move.kind()) {
      case DELIVER -> deliver(world.bag.remove(at));
      case DELIVER_TO_REPLICA -> {
        Mail mail = world.bag.remove(at);
        told(mail, BlockLayout.REPLICA);
      }
      case DROP -> {
        world.drops--;
        lost(world.bag.remove(at));
      }
      case DUPLICATE -> {
        world.duplicates--;
        deliver(world.bag.get(at));
      }
      case FORCE -> coordinator.forced();
      case CRASH -> crash(at);
      case CRASH_WITH_THE_DECISION_KEPT -> {
        coordinator.keeps();
        crash(at);
      }
      case RESTART -> restart(at);
      case TIMER -> {
        world.early -= move.fault() ? 1 : 0;
        machines.timer(world.actors.get(at), TimerKind.values()[move.which()]);
      }
      case COORDINATOR_TIMER -> {
        world.early -= move.fault() ? 1 : 0;
        coordinator.timer(move.which());
      }
      case REDELIVER -> {
        world.early -= move.fault() ? 1 : 0;
        coordinator.redeliver(at);
      }
      case PATIENCE -> {
        world.early -= move.fault() ? 1 : 0;
        machines.acknowledge(world.actors.get(at), Acknowledgement.WORKING);
      }
      case TELL_CARRIED_OUT -> {
        world.early -= move.fault() ? 1 : 0;
        machines.tellCarriedOut(at, move.which());
      }
      case SCAN -> {
        world.earlyScans -= move.fault() ? 1 : 0;
        connections.scan(at);
      }
      case SCANNED -> connections.scanned(at);
      case WORK -> work(at);
      case ANSWER -> answer(at, true);
      case ANSWER_THAT_IT_FAILED -> answer(at, false);
      default -> connections.take((BlockWorld.Kind) move.kind(), at, move.which());
    }
  }

  // Services

  private void work(int service) {
    world.tries[service] = 2;
    for (int child = 1; child < world.layout.branches(); child++) {
      boolean calls =
          BlockLayout.isBlock(child)
              ? world.layout.home(child) == service
              : service == BlockLayout.ROOT;
      if (calls) {
        world.call(service, child, 1);
        machines.calls(service, child);
      }
    }
  }

  private void answer(int service, boolean success) {
    world.tries[service] = 0;
    if (waits(service, world.tryLives[service])) {
      machines.answered(world.actor(service, service), success);
    }
  }

  // The network

  private void deliver(Mail mail) {
    if (!world.up[mail.to()]) {
      lost(mail);
      return;
    }
    switch (mail.kind()) {
      case REQUEST -> {
        Actor bank = world.actor(BlockLayout.BANK, BlockLayout.BANK);
        if (bank.state == Interner.NONE && bank.remembered == 0) {
          world.calledBy = mail.life() + 1;
          machines.open(bank);
        }
      }
      case ANSWER -> machines.callEnds(votes(mail), mail.flag() ? null : "failed");
      case BROKEN -> machines.callEnds(List.of(), "the connection broke");
      case VOTES -> machines.voted(votes(mail));
      case OUTCOME -> told(mail, mail.to());
      case ACKNOWLEDGEMENT -> {
        if (mail.content() instanceof Acknowledgement said && waits(0, mail.life())) {
          coordinator.acknowledged(mail.branch(), said);
        }
      }
      case UNDELIVERED -> undelivered(mail);
      case INQUIRY -> coordinator.inquired(mail);
      case INQUIRY_ANSWER -> inquiryAnswered(mail, (Answer) mail.content());
      case CARRIED_OUT -> coordinator.carriedOut(mail);
      case CARRIED_OUT_ANSWER -> {
        if (waits(mail.to(), mail.life()) && mail.content() == Answer.PENDING) {
          world.unsaid[mail.to()] |= 1 << mail.branch();
        }
      }
    }
  }

  private void told(Mail mail, int host) {
    Outcome outcome = mail.content() == Outcome.COMMIT ? Outcome.COMMIT : Outcome.ABORT;
    machines.told(world.actor(mail.branch(), host), outcome, mail.flag(), mail.life() + 1);
  }

  private void undelivered(Mail mail) {
    if (waits(0, mail.life())) {
      coordinator.undelivered(mail.branch());
    }
  }

  private void inquiryAnswered(Mail mail, @Nullable Answer answer) {
    if (waits(mail.to(), mail.life())) {
      machines.inquiryAnswered(world.actor(mail.branch(), mail.to()), answer);
    }
  }

  /** What its sender makes of a message that got lost. */
  private void lost(Mail mail) {
    switch (mail.kind()) {
      case REQUEST -> {
        if (waits(0, mail.life())) {
          machines.callEnds(List.of(), "no connection");
        }
      }
      case ANSWER -> machines.callEnds(List.of(), "the connection broke");
      case OUTCOME, ACKNOWLEDGEMENT -> undelivered(mail);
      case INQUIRY -> {
        if (waits(mail.from(), mail.life())) {
          machines.inquiryAnswered(world.actor(mail.branch(), mail.from()), null);
        }
      }
      case INQUIRY_ANSWER -> inquiryAnswered(mail, null);
      case CARRIED_OUT -> unsaid(mail.from(), mail);
      case CARRIED_OUT_ANSWER -> unsaid(mail.to(), mail);
      case BROKEN, VOTES, UNDELIVERED -> {} // or until the deadline
    }
  }

  private void unsaid(int host, Mail mail) {
    if (waits(host, mail.life())) {
      world.unsaid[host] |= 1 << mail.branch();
    }
  }

  @SuppressWarnings("unchecked") // written as such by BlockMachines
  private static List<BranchVote> votes(Mail mail) {
    return mail.content() == null ? List.of() : (List<BranchVote>) mail.content();
  }

  // Life and death

  private void crash(int host) {
    world.crashes--;
    world.up[host] = false;
    world.lives[host]++;
    world.scans[host] = 0;
    world.unsaid[host] = 0;
    for (Actor actor : world.actors) {
      if (actor.host != host) {
        continue;
      }
      if (BlockLayout.isBlock(actor.branch) && world.layout.home(actor.branch) == host) {
        connections.sidecarDied(world.blocks[actor.branch]);
      }
      if (actor.toldBy != 0 && host != 0) {
        send(new Mail(Mail.Kind.UNDELIVERED, host, 0, actor.toldBy - 1, actor.branch, null, false));
      }
      actor.over();
      actor.remembered = 0;
      actor.toldBy = 0;
    }
    if (host == 0) {
      coordinator.crash();
    }
    if (host < 2) {
      for (int child = 1; child < world.layout.branches(); child++) {
        if (world.call(host, child) == 1) {
          world.call(host, child, 3);
        }
      }
    }
    if (host == BlockLayout.BANK && world.call(BlockLayout.ROOT, BlockLayout.BANK) == 1) {
      send(new Mail(Mail.Kind.BROKEN, host, 0, 0, BlockLayout.BANK, null, false));
    }
  }

  private void restart(int host) {
    world.up[host] = true;
    if (host == 0) {
      coordinator.recover();
    }
  }

  // The chart

  private void draw(World.Move move) {
    BlockWorld.Kind kind = (BlockWorld.Kind) move.kind();
    String name = kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    switch (kind) {
      case DELIVER, DUPLICATE, DROP -> {
        Mail mail = world.bag.get(move.at());
        boolean lost = kind == BlockWorld.Kind.DROP || !world.up[mail.to()];
        chart.arrow(mail.from() + 1, mail.to() + 1, mail.toString(), lost);
      }
      case TIMER -> {
        Actor actor = world.actors.get(move.at());
        chart.note(actor.host + 1, "timer " + TimerKind.values()[move.which()]);
      }
      case PATIENCE, COMMIT_PREPARED, ROLLBACK_PREPARED, UNHEARD -> {
        Actor actor = world.actors.get(move.at());
        chart.note(actor.host + 1, name + " of " + actor.branch);
      }
      case ASK, ROLL_BACK, PREPARE, ARRIVE, PREPARED, LOSE_CONNECTION, VANISH ->
          chart.note(4, move.at() + " " + name);
      case CRASH,
          CRASH_WITH_THE_DECISION_KEPT,
          RESTART,
          SCAN,
          SCANNED,
          WORK,
          ANSWER,
          ANSWER_THAT_IT_FAILED,
          TELL_CARRIED_OUT ->
          chart.note(move.at() + 1, name);
      case DELIVER_TO_REPLICA -> chart.note(3, world.bag.get(move.at()) + " comes here");
      case FORCE, COORDINATOR_TIMER, REDELIVER, DATABASE_DIES -> chart.note(1, name);
    }
  }
}
