package io.handfast.tx.core.participant;

import io.handfast.tx.core.Member;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.Standing;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One attempt of a branch to learn the outcome, or to make it, without its coordinator. It ends
 * when everybody who was asked has answered or is known to have died, so that no answer is taken
 * for one to a later question. Immutable.
 *
 * @param stage what has been asked
 * @param coordinator the coordinator has been asked and has not answered
 * @param pending the coordinator lives, and will tell
 * @param open members who have been asked and have not answered
 * @param heard what the others said
 */
record Round(
    Stage stage,
    boolean coordinator,
    boolean pending,
    Set<ParticipantKey> open,
    Map<ParticipantKey, Standing> heard) {
  static final Round NONE = new Round(Stage.NONE, false, false, Set.of(), Map.of());
  static final Round CALLING = new Round(Stage.CALLING, true, false, Set.of(), Map.of());

  Round {
    open = Set.copyOf(open);
    heard = Map.copyOf(heard);
  }

  enum Stage {
    /** None is under way. */
    NONE,
    /** The coordinator is asked whether it lives. */
    CALLING,
    /** It does not: the members before this one are asked whether they live. */
    PROBING,
    /**
     * None of them does, so that nobody else decides: all members are asked how they stand. What
     * they said before does not count, for one that has died since may have moved them.
     */
    GATHERING,
    /** Those who have only promised are to pre-commit. */
    PRE_COMMITTING
  }

  static Round probing(List<Member> lower) {
    return new Round(Stage.PROBING, false, false, keys(lower), Map.of());
  }

  static Round gathering(List<Member> all) {
    return new Round(Stage.GATHERING, false, false, keys(all), Map.of());
  }

  static Round preCommitting(List<Member> uncertain) {
    return new Round(Stage.PRE_COMMITTING, false, false, keys(uncertain), Map.of());
  }

  private static Set<ParticipantKey> keys(List<Member> members) {
    Set<ParticipantKey> keys = new HashSet<>();
    members.forEach(member -> keys.add(member.key()));
    return keys;
  }

  Round coordinatorSaid(boolean lives) {
    return new Round(stage, false, lives, open, heard);
  }

  Round heard(ParticipantKey member, Standing standing) {
    Map<ParticipantKey, Standing> all = new HashMap<>(heard);
    all.put(member, standing);
    return new Round(stage, coordinator, pending, without(member), all);
  }

  Round silent(ParticipantKey member) {
    return new Round(stage, coordinator, pending, without(member), heard);
  }

  private Set<ParticipantKey> without(ParticipantKey member) {
    Set<ParticipantKey> left = new HashSet<>(open);
    left.remove(member);
    return left;
  }

  boolean isOver() {
    return !coordinator && open.isEmpty();
  }
}
