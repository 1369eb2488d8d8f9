package io.handfast.tx.explorer;

import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.core.participant.PrepareAnswer;
import io.handfast.tx.core.participant.TryAnswer;
import io.handfast.tx.explorer.JournalWorld.Kind;
import io.handfast.tx.explorer.Node.Effect;

/**
 * Services: each has one reservation, and the boundary's calls all others at once. They live on
 * when their sidecars die. Confined to one move.
 */
final class Services {
  private final Step step;
  private final JournalWorld world;

  Services(Step step) {
    this.step = step;
    this.world = step.world;
  }

  void take(Kind kind, Node node) {
    switch (kind) {
      case WORK -> work(node);
      case REFUSE -> answerBadly(node, TryAnswer.REFUSED, false);
      case FAIL_AFTER -> answerBadly(node, TryAnswer.FAILED, true);
      case FAIL_BEFORE -> answerBadly(node, TryAnswer.FAILED, false);
      case LOSE -> {
        answerBadly(node, TryAnswer.LOST, false);
        node.late = true;
      }
      case LATE_EFFECT -> {
        node.late = false;
        reserve(node);
      }
      case LATE_NOTHING -> node.late = false;
      case ANSWER -> answer(node, TryAnswer.SUCCESS);
      case ROLL_BACK -> {
        node.effect = Effect.NONE; // by itself: a definite no
        answer(node, TryAnswer.REFUSED);
      }
      case CONFIRM -> complete(node, true);
      case CANCEL -> complete(node, false);
      case PREPARE -> prepare(node, PrepareAnswer.PREPARED);
      case PREPARE_NOT -> {
        world.service--;
        prepare(node, PrepareAnswer.REFUSED);
      }
      case PREPARE_NOTHING -> {
        world.service--;
        node.effect = Effect.NONE; // nothing to confirm, nothing to cancel
        prepare(node, PrepareAnswer.READ_ONLY);
      }
      case NOT_NOW -> {
        world.service--;
        node.confirmSent = false;
        node.cancelSent = false;
        node.straggler = false;
        node.completing = 0;
        step.participants.step(node, new ParticipantEvent.CompletionFailed("not now"));
      }
      default -> throw new AssertionError(kind + " (expected: what a service does)");
    }
  }

  private void work(Node node) {
    reserve(node);
    if (node.number != 0) {
      answer(node, TryAnswer.SUCCESS);
      return;
    }
    node.working = true;
    for (int i = 1; i < world.nodes.length; i++) {
      node.call(i, 1);
      call(node, i);
    }
  }

  /** A sidecar that has died since refuses what its successor does not know (T5). */
  private void call(Node node, int callee) {
    ParticipantState branch = world.branch(node.number);
    if (!node.up || branch == null) {
      node.call(callee, 3);
    } else {
      step.participants.step(
          node,
          new ParticipantEvent.CallOpened(
              world.model.layout.branch(callee).id(), world.model.layout.isOptional(callee)));
    }
  }

  private void answerBadly(Node node, TryAnswer answer, boolean effect) {
    world.service--;
    if (effect) {
      reserve(node);
    }
    answer(node, answer);
  }

  private void reserve(Node node) {
    if (world.model.layout.isUpdating(node.number)) {
      Promises.reserves(world, node);
      node.effect = Effect.RESERVED;
    }
  }

  private void answer(Node node, TryAnswer answer) {
    node.trying = false;
    node.working = false;
    if (node.up && node.life == node.tryLife) {
      step.participants.serviceAnswered(node, answer);
    }
  }

  /** Who asked may have died since. */
  private void prepare(Node node, PrepareAnswer answer) {
    Promises.prepares(world, node, answer);
    node.prepareSent = false;
    if (node.completing == 3) {
      node.completing = 0;
      step.participants.step(node, new ParticipantEvent.ServicePrepared(answer, ""));
    }
  }

  private void complete(Node node, boolean confirm) {
    Promises.completes(world, node, confirm);
    if (confirm) {
      node.confirmSent = false;
      node.effect = Effect.CONFIRMED;
    } else {
      node.cancelSent = false;
      node.effect = node.effect == Effect.NONE ? Effect.NONE : Effect.CANCELLED;
    }
    if (node.completing == (confirm ? 1 : 2)) {
      node.completing = 0;
      step.participants.step(node, new ParticipantEvent.CompletionSucceeded());
    }
  }
}
