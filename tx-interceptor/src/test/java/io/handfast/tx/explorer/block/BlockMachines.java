package io.handfast.tx.explorer.block;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Answer;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.coordinator.CoordinatorEvent;
import io.handfast.tx.core.coordinator.RootAnswer;
import io.handfast.tx.core.participant.ParticipantEffect;
import io.handfast.tx.core.participant.ParticipantEffect.Release;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.core.participant.TimerKind;
import io.handfast.tx.core.participant.TryAnswer;
import io.handfast.tx.explorer.Interner;
import io.handfast.tx.explorer.Layout;
import io.handfast.tx.explorer.Model;
import io.handfast.tx.explorer.Words;
import io.handfast.tx.explorer.block.Sql.Status;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Branches in their sidecars, of services and of blocks: what comes to their machines, and what
 * those ask for. Confined to one move.
 */
@SuppressWarnings("EnumOrdinal") // a state is bits: nothing keeps them longer than a search
final class BlockMachines {
  private final BlockStep step;
  private final BlockWorld world;
  private final Model model;

  BlockMachines(BlockStep step) {
    this.step = step;
    this.world = step.world;
    this.model = step.world.model;
  }

  void open(Actor actor) {
    begin(actor, new ParticipantEvent.Opened());
  }

  private void begin(Actor actor, ParticipantEvent first) {
    Branch branch = world.layout.branch(actor.branch, actor.host);
    actor.state = model.values.number(new ParticipantState.New(branch));
    step(actor, first);
  }

  private Branch facts(int branch) {
    return world.layout.branch(branch, world.layout.home(branch));
  }

  private Actor home(int block) {
    return world.actor(block, world.layout.home(block));
  }

  private Actor service(int block) {
    int home = world.layout.home(block);
    return world.actor(home, home);
  }

  void step(Actor actor, ParticipantEvent event) {
    step.locally(() -> {
      ParticipantState state = world.state(actor);
      if (state == null || !world.up[actor.host]) {
        return;
      }
      Model.Made<ParticipantEffect> made = model.step(actor.state, state, event);
      boolean open = isOpen(actor);
      actor.state = made.next();
      if (state instanceof ParticipantState.Prepared) {
        actor.abortInquired = event instanceof ParticipantEvent.InquiryAnswered;
      }
      if (step.chart.isOn()) {
        step.chart.note(
            actor.host + 1, actor.branch + " " + Words.name(event) + " → " + made.name());
      }
      boolean aborts = open && !isOpen(actor) && hasAborted(actor);
      made.effects().forEach(effect -> perform(actor, effect));
      if (aborts) {
        ownerAborted(actor);
      }
    });
  }

  private boolean isOpen(Actor actor) {
    ParticipantState state = world.state(actor);
    return state instanceof ParticipantState.Working || state instanceof ParticipantState.Closing;
  }

  private boolean hasAborted(Actor actor) {
    return switch (world.state(actor)) {
      case ParticipantState.AbortedWorking _, ParticipantState.Cancelling _ -> true;
      case ParticipantState.Ended ended -> ended.outcome() == BranchOutcome.ABORTED;
      case null, default -> false;
    };
  }

  private void perform(Actor actor, ParticipantEffect effect) {
    switch (effect) {
      case ParticipantEffect.ForwardRequest _ -> {
        world.tries[actor.branch] = 1;
        world.tryLives[actor.branch] = world.lives[actor.host];
      }
      case ParticipantEffect.RefuseRequest _ -> respond(actor, false, List.of());
      case ParticipantEffect.AdmitCall e -> admit(actor.branch, Layout.nodeOf(e.call()));
      case ParticipantEffect.RefuseCall e -> world.call(actor.branch, Layout.nodeOf(e.call()), 3);
      case ParticipantEffect.ReleaseCall _, ParticipantEffect.ReleaseHead _ -> {}
      case ParticipantEffect.ReleaseAnswer e -> {
        noteVotes(actor, e.votes());
        boolean success =
            e.release() == Release.PASS
                && world.answers[actor.branch] == TryAnswer.SUCCESS.ordinal() + 1;
        respond(actor, success, e.votes());
      }
      case ParticipantEffect.SendVotes e -> {
        noteVotes(actor, e.votes());
        step.send(new Mail(Mail.Kind.VOTES, actor.host, 0, 0, BlockLayout.BANK, e.votes(), false));
      }
      case ParticipantEffect.CloseRoot e ->
          step.coordinator.step(
              new CoordinatorEvent.RootClosed(
                  e.votes(),
                  e.answer() == TryAnswer.SUCCESS ? RootAnswer.SUCCESS : RootAnswer.ERROR,
                  e.recordRides()));
      case ParticipantEffect.DoomTransaction e -> {
        noteVotes(actor, e.votes());
        step.coordinator.step(new CoordinatorEvent.Doomed(e.votes(), e.blame()));
      }
      case ParticipantEffect.Confirm _ -> send(actor, Actor.COMMIT);
      case ParticipantEffect.Cancel _ -> send(actor, Actor.ROLLBACK);
      case ParticipantEffect.Inquire _ -> inquire(actor);
      case ParticipantEffect.WriteEnd _ -> step(actor, new ParticipantEvent.EndDurable());
      case ParticipantEffect.Acknowledge e -> acknowledge(actor, e.acknowledgement());
      case ParticipantEffect.StartTimer e -> actor.timers |= 1 << e.kind().ordinal();
      case ParticipantEffect.CancelTimer e -> actor.timers &= ~(1 << e.kind().ordinal());
      case ParticipantEffect.ReportHazard e -> world.breach("a hazard: " + e.detail());
      case ParticipantEffect.Forget _ -> {
        if (world.state(actor) instanceof ParticipantState.Ended ended) {
          actor.remembered = ended.outcome().ordinal() + 1;
        }
        actor.over();
      }
      default -> world.breach("not of blocks: " + effect);
    }
  }

  // Services and their calls

  void calls(int service, int child) {
    Actor actor = world.actor(service, service);
    if (!world.up[service] || actor.state == Interner.NONE) {
      world.call(service, child, 3); // T5
    } else {
      step(actor, new ParticipantEvent.CallOpened(facts(child).id(), false));
    }
  }

  private void admit(int service, int child) {
    if (BlockLayout.isBlock(child)) {
      step.connections.begin(child);
    } else {
      step.send(
          new Mail(Mail.Kind.REQUEST, service, child, world.lives[service], child, null, false));
    }
  }

  void answered(Actor actor, boolean success) {
    TryAnswer answer = success ? TryAnswer.SUCCESS : TryAnswer.FAILED;
    world.answers[actor.branch] = answer.ordinal() + 1;
    step(actor, new ParticipantEvent.ServiceAnswered(answer, success ? "" : "failed"));
  }

  private void respond(Actor actor, boolean success, List<BranchVote> votes) {
    int calledBy = world.calledBy;
    world.calledBy = 0;
    if (actor.branch == BlockLayout.BANK && calledBy != 0 && step.waits(0, calledBy - 1)) {
      Object content = votes.isEmpty() ? null : votes;
      step.send(new Mail(Mail.Kind.ANSWER, actor.host, 0, 0, BlockLayout.BANK, content, success));
    }
  }

  private void noteVotes(Actor actor, List<BranchVote> votes) {
    for (BranchVote vote : votes) {
      if (Layout.nodeOf(vote.branch()) == actor.branch && vote.vote() == Vote.ABORT) {
        world.votedNo |= 1 << actor.branch;
      }
    }
  }

  /** The answer of the bank has come, or never will. */
  void callEnds(List<BranchVote> votes, @Nullable String failure) {
    if (world.call(BlockLayout.ROOT, BlockLayout.BANK) != 1) {
      return;
    }
    Actor root = world.actor(BlockLayout.ROOT, 0);
    Branch bank = facts(BlockLayout.BANK);
    if (!votes.isEmpty()) {
      step(root, new ParticipantEvent.CallVoted(bank.id(), votes));
    }
    step(root, new ParticipantEvent.CallEnded(bank.id(), failure));
    world.call(BlockLayout.ROOT, BlockLayout.BANK, failure == null ? 2 : 3);
  }

  /** Votes that came by themselves: of a call that is not open here they do not count. */
  void voted(List<BranchVote> votes) {
    Actor root = world.actor(BlockLayout.ROOT, 0);
    if (isOpen(root) && world.call(BlockLayout.ROOT, BlockLayout.BANK) != 0) {
      step(root, new ParticipantEvent.CallVoted(facts(BlockLayout.BANK).id(), votes));
    }
  }

  // Blocks until they are prepared, as the engine drives them

  void prepared(int block) {
    Actor own = machine(block);
    Actor service = service(block);
    step.locally(() -> {
      if (isOpen(service)) {
        world.votedYes |= 1 << block;
        ended(block, world.layout.yes(block), null);
      } else {
        undo(own); // it has never voted
      }
    });
    world.call(world.layout.home(block), block, 2);
  }

  void lost(int block) {
    ended(block, null, "the connection was lost behind PREPARE");
    undo(machine(block));
    world.call(world.layout.home(block), block, 3);
  }

  void nothingLeft(int block) {
    ended(block, facts(block).vote(Vote.READ_ONLY, ""), null);
    world.call(world.layout.home(block), block, 3);
  }

  void failed(int block, String why) {
    ended(block, null, why);
    world.call(world.layout.home(block), block, 3);
  }

  private void ended(int block, @Nullable BranchVote vote, @Nullable String failure) {
    if (vote != null) {
      step(service(block), new ParticipantEvent.CallVoted(facts(block).id(), List.of(vote)));
    }
    step(service(block), new ParticipantEvent.CallEnded(facts(block).id(), failure));
  }

  /** A scan may have found it first. */
  private Actor machine(int block) {
    Actor own = home(block);
    if (own.state == Interner.NONE) {
      begin(own, new ParticipantEvent.PreparedInResource());
    }
    return own;
  }

  private void undo(Actor own) {
    step(own, new ParticipantEvent.Told(Outcome.ABORT, false));
  }

  private void ownerAborted(Actor service) {
    for (int i = 0; i < world.blocks.length; i++) {
      if (BlockLayout.isBlock(i) && world.layout.home(i) == service.branch) {
        world.blocks[i].doomed = true;
        if (home(i).state != Interner.NONE && !home(i).tells) {
          undo(home(i));
        }
      }
    }
  }

  // Blocks that are prepared

  /** A scan, or who tells an outcome, has it found. */
  void takeUp(Actor actor, int name) {
    begin(actor, new ParticipantEvent.Recovered(ParticipantEvent.Found.PREPARED, false));
    actor.name = name;
    actor.tells = true;
  }

  void endedElsewhere(Actor actor) {
    if (step.chart.isOn()) {
      step.chart.note(actor.host + 1, actor.branch + " was ended elsewhere");
    }
    actor.over();
  }

  private void send(Actor actor, int statement) {
    if (BlockLayout.isBlock(actor.branch)) {
      actor.sent |= statement;
      actor.waits = statement;
    } else {
      step(actor, new ParticipantEvent.CompletionSucceeded());
    }
  }

  void completed(Actor actor, boolean commit) {
    boolean tells = actor.tells && commit;
    String handle = world.layout.handle(actor.branch, actor.name);
    step(actor, new ParticipantEvent.CompletionSucceeded());
    if (tells && actor.host == 0) {
      step.coordinator.carriedOut(actor.branch, handle);
    } else if (tells) {
      tell(actor.host, actor.branch, handle);
    }
  }

  void contradicted(Actor actor, boolean commit) {
    if (!commit && actor.abortInquired) {
      endedElsewhere(actor); // ABORTED was stale
    } else {
      step(actor, new ParticipantEvent.CompletionRefused("contradicted"));
    }
  }

  /** Once more. */
  void tellCarriedOut(int host, int branch) {
    world.unsaid[host] &= ~(1 << branch);
    tell(host, branch, world.layout.handle(branch, 1));
  }

  private void tell(int host, int branch, String handle) {
    step.send(new Mail(Mail.Kind.CARRIED_OUT, host, 0, world.lives[host], branch, handle, false));
  }

  // The coordinator, seen from here

  private void inquire(Actor actor) {
    String handle =
        BlockLayout.isBlock(actor.branch) ? world.layout.handle(actor.branch, actor.name) : null;
    if (actor.host == 0) {
      step.locally(() -> inquiryAnswered(actor, step.coordinator.answer(actor.branch, 0, handle)));
    } else {
      int life = world.lives[actor.host];
      step.send(new Mail(Mail.Kind.INQUIRY, actor.host, 0, life, actor.branch, handle, false));
    }
  }

  void inquiryAnswered(Actor actor, @Nullable Answer answer) {
    step(
        actor,
        answer == null
            ? new ParticipantEvent.InquiryUnanswered()
            : new ParticipantEvent.InquiryAnswered(answer));
  }

  /** T16: of branches that are known, that have ended, and that are not known. */
  void told(Actor actor, Outcome outcome, boolean awaited, int by) {
    boolean block = BlockLayout.isBlock(actor.branch);
    actor.toldBy = Math.max(actor.toldBy, by); // a former life waits no more
    if (actor.state == Interner.NONE && actor.remembered != 0) {
      boolean committed = actor.remembered == BranchOutcome.COMMITTED.ordinal() + 1;
      boolean agrees = !block || committed == (outcome == Outcome.COMMIT);
      acknowledge(actor, agrees ? Acknowledgement.DONE : Acknowledgement.HAZARD);
      return;
    }
    boolean found = block && world.blocks[actor.branch].status == Status.PREPARED;
    if (actor.state == Interner.NONE && found) {
      takeUp(actor, 0);
    }
    boolean stale =
        block
            && outcome == Outcome.COMMIT
            && actor.abortInquired
            && world.state(actor) instanceof ParticipantState.Cancelling;
    if (stale) {
      acknowledge(actor, Acknowledgement.WORKING); // its database says which (T15)
    } else if (actor.state != Interner.NONE) {
      step(actor, new ParticipantEvent.Told(outcome, awaited));
    } else if (block && !step.connections.hasEnded(actor.branch, outcome)) {
      acknowledge(actor, Acknowledgement.WORKING);
    } else {
      acknowledge(actor, Acknowledgement.DONE);
    }
  }

  void acknowledge(Actor actor, Acknowledgement said) {
    if (said == Acknowledgement.HAZARD) {
      world.breach(actor.branch + " answers HAZARD");
    }
    int by = actor.toldBy;
    actor.toldBy = 0;
    if (by == 0) {
      return;
    }
    if (actor.host == 0) {
      step.locally(() -> step.coordinator.acknowledged(actor.branch, said));
    } else if (step.waits(0, by - 1)) {
      step.send(
          new Mail(Mail.Kind.ACKNOWLEDGEMENT, actor.host, 0, by - 1, actor.branch, said, false));
    }
  }

  void timer(Actor actor, TimerKind kind) {
    actor.timers &= ~(1 << kind.ordinal());
    if (kind == TimerKind.DEADLINE && !BlockLayout.isBlock(actor.branch) && isOpen(actor)) {
      late(actor);
    }
    step(actor, new ParticipantEvent.TimerFired(kind));
  }

  /** T11: what has not asked for COMMIT by the deadline ends the branch. */
  private void late(Actor service) {
    for (int i = 0; i < world.blocks.length; i++) {
      boolean its = BlockLayout.isBlock(i) && world.layout.home(i) == service.branch;
      if (its && world.blocks[i].isOpen()) {
        ended(i, null, "no COMMIT by the deadline");
      }
    }
  }
}
