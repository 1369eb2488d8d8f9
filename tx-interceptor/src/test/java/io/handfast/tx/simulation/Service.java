package io.handfast.tx.simulation;

import io.handfast.tx.core.participant.PrepareAnswer;
import io.handfast.tx.core.participant.TryAnswer;
import java.util.HashMap;
import java.util.Map;

/** A service with one reservation. It does not die with its sidecar. Confined to the world. */
final class Service {
  /** What became of the reservation. */
  enum Effect {
    NONE,
    RESERVED,
    CONFIRMED,
    CANCELLED
  }

  private final World world;
  private final int node;
  private final Map<Integer, Boolean> results = new HashMap<>();
  private Effect effect = Effect.NONE;
  private int tries;
  private int completions;
  private int lifeOfRequest;
  private boolean tried;
  private boolean answered;

  /** It was told to cancel before it was asked for anything: by another sidecar (T19). */
  private boolean undone;

  /** The reservation was made after that. */
  private boolean late;

  Service(World world, int node) {
    this.world = world;
    this.node = node;
  }

  Effect effect() {
    return effect;
  }

  /** Of a block of SQL: what its database has done. */
  void is(Effect now) {
    effect = now;
  }

  /** A request to confirm or cancel is on its way. */
  void completing(int more) {
    completions += more;
  }

  boolean isToComplete() {
    return completions > 0;
  }

  /** A Try that was sent may still have its effect. */
  boolean mayStillTry() {
    return tries > 0;
  }

  /** The request; its effect, its calls and its answer come in their time. */
  void request(int life) {
    lifeOfRequest = life;
    tries++;
    if (!world.serviceFails()) {
      world.later(-1, node + " tries", this::work);
      return;
    }
    switch (world.random.nextInt(3)) {
      case 0 -> {
        tries--;
        answer(TryAnswer.REFUSED);
      }
      case 1 ->
          world.later(
              -1,
              node + " fails",
              () -> {
                maybeReserve();
                answer(TryAnswer.FAILED);
              });
      default -> {
        answer(TryAnswer.LOST);
        world.later(-1, node + " tries unheard", this::maybeReserve);
      }
    }
  }

  private void maybeReserve() {
    tries--;
    if (world.random.nextBoolean()) {
      reserve();
    }
  }

  private void reserve() {
    if (world.isUpdating(node) && !isForgotten()) {
      if (effect != Effect.NONE) {
        world.violations.add(node + " tried after " + effect + " (T17)");
      }
      effect = Effect.RESERVED;
      late = undone;
    }
  }

  /**
   * Who sent the Try has died, and another had undone the branch before: nobody will undo it once
   * more. Against that only a service is safe that remembers what it was told to cancel (T17).
   */
  private boolean isForgotten() {
    Host sender = world.sidecars.get(node).host();
    return undone && !(sender.isUp() && sender.life() == lifeOfRequest);
  }

  private void work() {
    if (isForgotten()) {
      tries--;
      answer(TryAnswer.REFUSED);
      return;
    }
    reserve();
    tried = true;
    world.scenario.childrenOf(node).forEach(child -> world.sidecars.get(node).calls().call(child));
    maybeAnswer();
  }

  /** The answer that the service got to a call. */
  void callAnswered(int child, boolean success) {
    results.putIfAbsent(child, success);
    maybeAnswer();
  }

  private void maybeAnswer() {
    if (!tried || answered || results.size() < world.scenario.childrenOf(node).size()) {
      return;
    }
    tries--;
    boolean allWell =
        results.entrySet().stream()
            .allMatch(result -> result.getValue() || isOptional(result.getKey()));
    if (allWell || world.scenario.nodes().get(node).swallows()) {
      answer(TryAnswer.SUCCESS);
    } else if (world.random.nextBoolean()) {
      effect = Effect.NONE; // it has rolled back by itself: a definite no
      answer(TryAnswer.REFUSED);
    } else {
      answer(TryAnswer.FAILED);
    }
  }

  private boolean isOptional(int child) {
    return world.scenario.nodes().get(child).optional();
  }

  private void answer(TryAnswer answer) {
    answered = true;
    world.sidecars.get(node).serviceAnswered(answer, lifeOfRequest);
  }

  /** Calls under way fail; the answer will go nowhere. */
  void sidecarDied() {
    if (late && effect == Effect.RESERVED) {
      effect = Effect.NONE; // remembered by the service, as that is where nobody else does
    }
    if (tried && !answered) {
      world
          .scenario
          .childrenOf(node)
          .forEach(
              child -> world.later(-1, node + " call broke", () -> callAnswered(child, false)));
    }
  }

  /** Whether it can commit; one that has nothing to commit says that. */
  PrepareAnswer prepare() {
    if (world.serviceFails()) {
      return PrepareAnswer.REFUSED;
    }
    if (effect == Effect.RESERVED && world.serviceFails()) {
      effect = Effect.NONE;
    }
    return effect == Effect.RESERVED ? PrepareAnswer.PREPARED : PrepareAnswer.READ_ONLY;
  }

  void confirm() {
    switch (effect) {
      case RESERVED, CONFIRMED -> effect = Effect.CONFIRMED;
      case NONE, CANCELLED -> {
        if (world.words.resolved.containsKey(node)) {
          effect = Effect.CONFIRMED;
        } else {
          world.violations.add(node + " confirmed after " + effect + " (AC2)");
        }
      }
    }
  }

  void cancel() {
    switch (effect) {
      case NONE -> undone = world.isShared(); // 404: done
      case RESERVED, CANCELLED -> effect = Effect.CANCELLED;
      case CONFIRMED -> {
        if (world.words.resolved.containsKey(node)) {
          effect = Effect.CANCELLED;
        } else {
          world.violations.add(node + " cancelled after " + effect + " (AC2)");
        }
      }
    }
  }
}
