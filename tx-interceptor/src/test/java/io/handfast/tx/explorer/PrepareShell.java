package io.handfast.tx.explorer;

import io.handfast.tx.core.Answer;
import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.Member;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.coordinator.CoordinatorEvent;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.explorer.Message.Kind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The question to prepare, and the decision that is left to a branch: both ends of it. Confined to
 * one move.
 */
@SuppressWarnings("EnumOrdinal") // a state is bits: nothing keeps them longer than a search
final class PrepareShell {
  private final Step step;
  private final JournalWorld world;

  PrepareShell(Step step) {
    this.step = step;
    this.world = step.world;
  }

  /** The coordinator asks a branch to prepare, or leaves the decision to it. */
  void ask(int n, boolean delegated) {
    ask(n, delegated, null);
  }

  /** The coordinator asks a branch whether it can commit, and says who the others are. */
  void ask(int n, List<Member> members) {
    ask(n, false, members);
  }

  private void ask(int n, boolean delegated, @Nullable List<Member> members) {
    Node here = world.nodes[0];
    if (n == 0) {
      step.locally(() -> asked(here, delegated, here.life + 1, members));
    } else {
      step.send(new Message(Kind.PREPARE, 0, n, here.life, members, delegated));
    }
  }

  /** It arrives. */
  @SuppressWarnings("unchecked") // written as such above
  void asked(Node node, boolean delegated, int by, @Nullable Object members) {
    node.askedBy = Math.max(node.askedBy, by); // a former life waits no more
    node.delegated = delegated;
    if (node.branch != Interner.NONE) {
      step.participants.step(
          node,
          delegated
              ? new ParticipantEvent.DelegationRequested()
              : members == null
                  ? new ParticipantEvent.PrepareRequested()
                  : new ParticipantEvent.CanCommitRequested((List<Member>) members));
    } else if (delegated) {
      answer(node, true, remembered(node));
    } else {
      answer(node, false, Vote.ABORT);
    }
  }

  private static Answer remembered(Node node) {
    if (node.remembered == 0) {
      return Answer.NOT_MINE;
    }
    return switch (BranchOutcome.values()[node.remembered - 1]) {
      case COMMITTED, READ_ONLY -> Answer.COMMITTED;
      case ABORTED -> Answer.ABORTED;
      case HAZARD -> Answer.NOT_MINE;
    };
  }

  /** The machine promises, or refuses to. */
  void promised(Node node, Vote vote) {
    boolean rides = !step.model.layout.isThreePhase();
    boolean root = rides && node.number == 0 && node.life == 0;
    switch (vote) {
      case PREPARED -> Promises.votesYes(world, node, root);
      case READ_ONLY -> {} // its service has nothing to commit, and has said so
      case ABORT -> {
        // Who has promised may not take it back, and says no of what a former life has said.
        if ((world.votedYes & 1 << node.number) == 0) {
          world.votedNo |= 1 << node.number;
        }
      }
      case ASK, STRUCK -> world.breach(node.number + " answers " + vote + " to PREPARE");
    }
    answer(node, false, vote);
  }

  /** The machine says what it has decided. */
  void decided(Node node, Answer answer) {
    Promises.tellsItsDecision(world, node, answer);
    answer(node, true, answer);
  }

  /** Who asked is not kept waiting for ever. */
  void patience(Node node) {
    answer(node, node.delegated, node.delegated ? Answer.PENDING : Vote.ASK);
  }

  private void answer(Node node, boolean delegated, Object content) {
    if (node.askedBy == 0 || node.delegated != delegated) {
      return;
    }
    int by = node.askedBy;
    node.askedBy = 0;
    node.delegated = false;
    if (!step.waits(0, by - 1)) {
      return;
    }
    Message answer = new Message(Kind.PREPARE_ANSWER, node.number, 0, 0, content, delegated);
    if (node.number == 0) {
      step.locally(() -> answered(answer));
    } else {
      step.send(answer);
    }
  }

  /** The answer arrives at the coordinator. */
  void answered(Message message) {
    ParticipantKey key = step.model.layout.branch(message.from()).key();
    step.coordinator.step(
        message.content() instanceof Answer answer
            ? new CoordinatorEvent.DelegationAnswered(key, answer, "")
            : new CoordinatorEvent.PrepareAnswered(key, vote(message.content()), ""));
  }

  private static Vote vote(@Nullable Object content) {
    if (content instanceof Vote vote) {
      return vote;
    }
    throw new AssertionError(content + " (expected: what a branch says to PREPARE)");
  }

  /** Nobody answered the coordinator. */
  void unanswered(int n, boolean delegated) {
    ParticipantKey key = step.model.layout.branch(n).key();
    step.coordinator.step(
        delegated
            ? new CoordinatorEvent.DelegationUnanswered(key, "no answer")
            : new CoordinatorEvent.PrepareUnanswered(key, "no answer"));
  }
}
