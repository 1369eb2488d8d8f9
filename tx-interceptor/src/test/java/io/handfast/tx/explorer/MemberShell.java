package io.handfast.tx.explorer;

import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.Standing;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.coordinator.CoordinatorEffect;
import io.handfast.tx.core.coordinator.CoordinatorEvent;
import io.handfast.tx.core.participant.ParticipantEffect;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.explorer.Message.Kind;
import io.handfast.tx.explorer.Node.Entry;
import io.handfast.tx.explorer.Node.Write;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * THREE_PHASE: what the coordinator and the branches ask each other, and their records. Confined to
 * one move.
 */
@SuppressWarnings("EnumOrdinal") // a state is bits: nothing keeps them longer than a search
final class MemberShell {
  /** Where the coordinator stands among those who wait for a pre-commit. */
  private static final int COORDINATOR = 4;

  private final Step step;
  private final JournalWorld world;

  /** Who asks: the coordinator, or the branch in the same sidecar. */
  private enum Asker {
    COORDINATOR,
    BRANCH,
    /** The branch, which decides by what it hears. */
    ELECTOR
  }

  /** What was said, and to whom. */
  private record Said(Asker to, Standing standing) {
    @Override
    public String toString() {
      return standing.name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  MemberShell(Step step) {
    this.step = step;
    this.world = step.world;
  }

  /** Who is in the coordinator's record that all have promised. */
  List<BranchVote> listed() {
    List<BranchVote> branches = new ArrayList<>();
    for (int i = 0; i < world.nodes.length; i++) {
      if ((world.votedYes & 1 << i) != 0) {
        branches.add(step.model.layout.branch(i).vote(Vote.PREPARED, ""));
      }
    }
    return branches;
  }

  // What the coordinator does

  void perform(CoordinatorEffect.ThreePhase effect) {
    switch (effect) {
      case CoordinatorEffect.SendCanCommit e ->
          step.prepares.ask(Layout.nodeOf(e.branch().branch()), e.members());
      case CoordinatorEffect.ForcePreCommit e -> {
        int nodes = 0;
        for (BranchVote vote : e.branches()) {
          nodes |= 1 << Layout.nodeOf(vote.branch());
        }
        Promises.decides(world, nodes, false);
        step.stores.write(world.nodes[0], new Write(Entry.PRE_COMMIT.bit(), 0, false));
      }
      case CoordinatorEffect.AskStanding e -> {
        if (e.preCommit() && !world.nodes[0].has(Entry.PRE_COMMIT)) {
          world.breach("the coordinator pre-commits before it is durable (force before tell)");
        }
        ask(0, Layout.nodeOf(e.branch().branch()), Asker.COORDINATOR, e.preCommit());
      }
    }
  }

  // What a branch does

  void perform(Node node, ParticipantEffect.ThreePhase effect) {
    switch (effect) {
      case ParticipantEffect.ForcePreCommitted _ -> write(node, Entry.PRE_COMMITTED);
      case ParticipantEffect.ForceWithdrawal _ -> write(node, Entry.WITHDRAWN);
      case ParticipantEffect.AskStanding e ->
          ask(
              node.number,
              Layout.nodeOf(e.member().branch()),
              e.elects() ? Asker.ELECTOR : Asker.BRANCH,
              e.preCommit());
      case ParticipantEffect.AnswerStanding e -> reply(node, e.standing());
      case ParticipantEffect.AnswerPreCommit e -> preCommitted(node, e.standing());
    }
  }

  private void write(Node node, Entry entry) {
    step.stores.write(node, new Write(entry.bit(), 0, false));
  }

  private void ask(int from, int to, Asker asker, boolean preCommit) {
    Message message =
        new Message(Kind.STANDING, from, to, world.nodes[from].life, asker, preCommit);
    if (from == to) {
      step.locally(() -> asked(message));
    } else {
      step.send(message);
    }
  }

  /** A question arrives. */
  void asked(Message message) {
    Node node = world.nodes[message.to()];
    Asker asker = asker(message.content());
    if (node.branch == Interner.NONE) {
      answer(node, message.from(), asker, remembered(node));
      return;
    }
    ParticipantKey elector =
        asker == Asker.ELECTOR ? step.model.layout.branch(message.from()).key() : null;
    if (message.flag()) {
      int slot = asker == Asker.COORDINATOR ? COORDINATOR : message.from();
      node.preCommitters =
          (node.preCommitters & ~(0xf << (4 * slot))) | (message.life() + 1) << (4 * slot);
      step.participants.step(node, new ParticipantEvent.PreCommitRequested(elector));
    } else {
      step.locally(() -> {
        replyTo = message.from();
        replyAs = asker;
      });
      step.participants.step(node, new ParticipantEvent.StandingRequested(elector));
    }
  }

  // Answered in the very step that it asks for.
  private int replyTo;
  private @Nullable Asker replyAs;

  private void reply(Node node, Standing standing) {
    Asker asker = replyAs;
    if (asker == null) {
      throw new AssertionError("a branch answers how it stands, and nobody asked");
    }
    replyAs = null;
    answer(node, replyTo, asker, standing);
  }

  private static Standing remembered(Node node) {
    return node.remembered == 0
        ? Standing.UNKNOWN
        : Standing.after(BranchOutcome.values()[node.remembered - 1]);
  }

  private void preCommitted(Node node, Standing standing) {
    boolean says = standing == Standing.PRE_COMMITTED || standing == Standing.AWAY_PRE_COMMITTED;
    if (says && !node.has(Entry.PRE_COMMITTED)) {
      world.breach(node.number + " says pre-committed before it is durable (force before tell)");
    }
    int waiting = node.preCommitters;
    node.preCommitters = 0;
    for (int slot = 0; slot <= COORDINATOR; slot++) {
      int life = (waiting >> (4 * slot)) & 0xf;
      int to = slot == COORDINATOR ? 0 : slot;
      if (life != 0 && step.waits(to, life - 1)) {
        answer(node, to, slot == COORDINATOR ? Asker.COORDINATOR : Asker.BRANCH, standing);
      }
    }
  }

  private void answer(Node node, int to, Asker asker, Standing standing) {
    if (standing == Standing.COMMITTED) {
      Promises.saysCommitted(world, node);
    }
    Message message =
        new Message(Kind.STANDING_ANSWER, node.number, to, 0, new Said(asker, standing), false);
    if (node.number == to) {
      step.locally(() -> answered(message));
    } else {
      step.send(message);
    }
  }

  /** An answer arrives. */
  void answered(Message message) {
    if (!(message.content() instanceof Said said)) {
      throw new AssertionError(message + " (expected: how a branch stands)");
    }
    ParticipantKey key = step.model.layout.branch(message.from()).key();
    if (said.to() == Asker.COORDINATOR) {
      step.coordinator.step(new CoordinatorEvent.MemberAnswered(key, said.standing()));
    } else {
      step.participants.step(
          world.nodes[message.to()], new ParticipantEvent.StandingAnswered(key, said.standing()));
    }
  }

  void silent(Message message) {
    Object content = message.content();
    silent(message.from(), message.to(), content instanceof Said said ? said.to() : content);
  }

  /** Nobody answered {@code asker}. */
  void silent(int asked, int asker, @Nullable Object as) {
    ParticipantKey key = step.model.layout.branch(asked).key();
    if (asker(as) == Asker.COORDINATOR) {
      step.coordinator.step(new CoordinatorEvent.MemberUnanswered(key));
    } else {
      step.participants.step(world.nodes[asker], new ParticipantEvent.StandingUnanswered(key));
    }
  }

  /** Who waits for a pre-commit finds out. */
  void crash(Node node) {
    int waiting = node.preCommitters;
    node.preCommitters = 0;
    for (int slot = 0; slot <= COORDINATOR; slot++) {
      int life = (waiting >> (4 * slot)) & 0xf;
      int to = slot == COORDINATOR ? 0 : slot;
      if (life != 0 && to != node.number && step.waits(to, life - 1)) {
        Asker asker = slot == COORDINATOR ? Asker.COORDINATOR : Asker.BRANCH;
        step.send(new Message(Kind.STANDING_SILENT, node.number, to, 0, asker, false));
      }
    }
  }

  private static Asker asker(@Nullable Object content) {
    if (content instanceof Asker asker) {
      return asker;
    }
    throw new AssertionError(content + " (expected: who asks)");
  }
}
