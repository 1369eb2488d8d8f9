package io.handfast.tx.engine.base;

import com.google.protobuf.ByteString;
import io.handfast.transaction.v1.BranchEnded;
import io.handfast.transaction.v1.BranchRef;
import io.handfast.transaction.v1.DecidedBranch;
import io.handfast.transaction.v1.PrepareItem;
import io.handfast.transaction.v1.PrepareResult;
import io.handfast.transaction.v1.TerminateItem;
import io.handfast.transaction.v1.TerminateResult;
import io.handfast.tx.context.VoteHeader;
import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Answer;
import io.handfast.tx.core.Authority;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Decider;
import io.handfast.tx.core.Member;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.PeerIdentity;
import io.handfast.tx.core.Standing;
import io.handfast.tx.core.StoreId;
import io.handfast.tx.core.TxId;
import io.handfast.tx.core.Vote;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The core's words in messages and records, and back. Pure. */
public final class Messages {
  private Messages() {}

  public static ByteString bytes(TxId tx) {
    return ByteString.copyFrom(ByteBuffer.allocate(16).putLong(tx.high()).putLong(tx.low()).flip());
  }

  /**
   * The transaction that is named.
   *
   * @throws IllegalArgumentException if the bytes are no id
   */
  public static TxId txId(ByteString bytes) {
    if (bytes.size() != 16) {
      throw new IllegalArgumentException(
          "tx_id: " + bytes.size() + " bytes (expected: the 16 of a UUIDv7)");
    }
    ByteBuffer buffer = bytes.asReadOnlyByteBuffer();
    return new TxId(buffer.getLong(), buffer.getLong());
  }

  public static BranchKey key(ByteString tx, long branch) {
    return new BranchKey(txId(tx), new BranchId(branch));
  }

  public static io.handfast.transaction.v1.Outcome outcome(Outcome outcome) {
    return switch (outcome) {
      case COMMIT -> io.handfast.transaction.v1.Outcome.COMMIT;
      case ABORT -> io.handfast.transaction.v1.Outcome.ABORT;
    };
  }

  public static Outcome outcome(io.handfast.transaction.v1.Outcome outcome) {
    return switch (outcome) {
      case COMMIT -> Outcome.COMMIT;
      case ABORT -> Outcome.ABORT;
      case OUTCOME_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException(
              "outcome: " + outcome + " (expected: COMMIT or ABORT)");
    };
  }

  public static io.handfast.transaction.v1.Acknowledgement acknowledgement(Acknowledgement said) {
    return switch (said) {
      case DONE -> io.handfast.transaction.v1.Acknowledgement.DONE;
      case WORKING -> io.handfast.transaction.v1.Acknowledgement.WORKING;
      case ANOTHER_STORE -> io.handfast.transaction.v1.Acknowledgement.ANOTHER_STORE;
      case HAZARD -> io.handfast.transaction.v1.Acknowledgement.HAZARD;
    };
  }

  /** Null for one that this version does not know: as if it had not been answered. */
  public static @Nullable Acknowledgement acknowledgement(
      io.handfast.transaction.v1.Acknowledgement said) {
    return switch (said) {
      case DONE -> Acknowledgement.DONE;
      case WORKING -> Acknowledgement.WORKING;
      case ANOTHER_STORE -> Acknowledgement.ANOTHER_STORE;
      case HAZARD -> Acknowledgement.HAZARD;
      case ACKNOWLEDGEMENT_UNSPECIFIED, UNRECOGNIZED -> null;
    };
  }

  public static io.handfast.transaction.v1.Answer answer(Answer answer) {
    return switch (answer) {
      case COMMITTED -> io.handfast.transaction.v1.Answer.COMMITTED;
      case ABORTED -> io.handfast.transaction.v1.Answer.ABORTED;
      case PENDING -> io.handfast.transaction.v1.Answer.PENDING;
      case NOT_MINE -> io.handfast.transaction.v1.Answer.NOT_MINE;
    };
  }

  /** Null for one that this version does not know: it says nothing. */
  public static @Nullable Answer answer(io.handfast.transaction.v1.Answer answer) {
    return switch (answer) {
      case COMMITTED -> Answer.COMMITTED;
      case ABORTED -> Answer.ABORTED;
      case PENDING -> Answer.PENDING;
      case NOT_MINE -> Answer.NOT_MINE;
      case ANSWER_UNSPECIFIED, UNRECOGNIZED -> null;
    };
  }

  /** What a peer says of a hazard, as far as it is kept. */
  public static String detail(String said) {
    return said.length() <= Bounds.MAX_DETAIL
        ? said
        : said.substring(0, Bounds.MAX_DETAIL) + " (cut)";
  }

  public static io.handfast.transaction.v1.BranchOutcome branchOutcome(BranchOutcome outcome) {
    return switch (outcome) {
      case COMMITTED -> io.handfast.transaction.v1.BranchOutcome.BRANCH_COMMITTED;
      case ABORTED -> io.handfast.transaction.v1.BranchOutcome.BRANCH_ABORTED;
      case READ_ONLY -> io.handfast.transaction.v1.BranchOutcome.BRANCH_READ_ONLY;
      case HAZARD -> io.handfast.transaction.v1.BranchOutcome.HEURISTIC_HAZARD;
    };
  }

  public static BranchOutcome branchOutcome(io.handfast.transaction.v1.BranchOutcome outcome) {
    return switch (outcome) {
      case BRANCH_COMMITTED -> BranchOutcome.COMMITTED;
      case BRANCH_ABORTED -> BranchOutcome.ABORTED;
      case BRANCH_READ_ONLY -> BranchOutcome.READ_ONLY;
      case HEURISTIC_HAZARD -> BranchOutcome.HAZARD;
      case BRANCH_OUTCOME_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException(
              "record branch_ended.outcome: " + outcome + " (expected: one that is known here)");
    };
  }

  public static io.handfast.transaction.v1.BranchVote vote(BranchVote vote) {
    io.handfast.transaction.v1.BranchVote.Builder message =
        io.handfast.transaction.v1.BranchVote.newBuilder()
            .setBranchId(vote.branch().bits())
            .setVote(vote(vote.vote()))
            .setService(vote.service())
            .setMode(vote.mode())
            .setHandle(vote.handle())
            .setReason(VoteHeader.reason(vote));
    if (vote.participant() != null && vote.store() != null) {
      message.setParticipant(vote.participant().toString()).setStoreId(vote.store().value());
    }
    return message.build();
  }

  private static io.handfast.transaction.v1.Vote vote(Vote vote) {
    return switch (vote) {
      case PREPARED -> io.handfast.transaction.v1.Vote.PREPARED;
      case READ_ONLY -> io.handfast.transaction.v1.Vote.READ_ONLY;
      case ABORT -> io.handfast.transaction.v1.Vote.VOTE_ABORT;
      case ASK -> io.handfast.transaction.v1.Vote.ASK;
      case STRUCK -> io.handfast.transaction.v1.Vote.STRUCK;
    };
  }

  /**
   * A vote as it was told.
   *
   * @throws IllegalArgumentException naming the field that cannot be read
   */
  public static BranchVote vote(io.handfast.transaction.v1.BranchVote message) {
    Vote vote =
        switch (message.getVote()) {
          case PREPARED -> Vote.PREPARED;
          case READ_ONLY -> Vote.READ_ONLY;
          case VOTE_ABORT -> Vote.ABORT;
          case ASK -> Vote.ASK;
          case STRUCK -> Vote.STRUCK;
          case VOTE_UNSPECIFIED, UNRECOGNIZED ->
              throw new IllegalArgumentException(
                  "vote: " + message.getVote() + " (expected: one that is known here)");
        };
    boolean nobody = message.getParticipant().isEmpty() && vote == Vote.STRUCK;
    return new BranchVote(
        new BranchId(message.getBranchId()),
        vote,
        nobody ? null : authority(message.getParticipant(), "participant"),
        nobody ? null : new StoreId(message.getStoreId()),
        message.getService(),
        message.getMode(),
        message.getHandle(),
        message.getReason());
  }

  public static PrepareResult promise(PrepareItem asked, Promise promise) {
    return PrepareResult.newBuilder()
        .setTxId(asked.getTxId())
        .setBranchId(asked.getBranchId())
        .setVote(vote(promise.vote()))
        .setReason(promise.reason())
        .build();
  }

  public static PrepareResult ownDecision(PrepareItem asked, OwnDecision decision) {
    return PrepareResult.newBuilder()
        .setTxId(asked.getTxId())
        .setBranchId(asked.getBranchId())
        .setAnswer(answer(decision.answer()))
        .setReason(decision.reason())
        .build();
  }

  /** Null for one that this version does not know: as if it had not been answered. */
  public static @Nullable Promise promise(PrepareResult result) {
    return switch (result.getVote()) {
      case PREPARED -> new Promise(Vote.PREPARED, "");
      case READ_ONLY -> new Promise(Vote.READ_ONLY, "");
      case VOTE_ABORT -> new Promise(Vote.ABORT, result.getReason());
      case ASK -> Promise.WORKING;
      case STRUCK, VOTE_UNSPECIFIED, UNRECOGNIZED -> null;
    };
  }

  public static DecidedBranch decided(BranchVote vote) {
    if (vote.participant() == null || vote.store() == null) {
      throw new IllegalStateException("decision: branch " + vote.branch() + " has no participant");
    }
    return DecidedBranch.newBuilder()
        .setBranchId(vote.branch().bits())
        .setParticipant(vote.participant().toString())
        .setStoreId(vote.store().value())
        .setService(vote.service())
        .setMode(vote.mode())
        .setHandle(vote.handle())
        .build();
  }

  public static BranchVote decided(DecidedBranch branch) {
    return new BranchVote(
        new BranchId(branch.getBranchId()),
        Vote.PREPARED,
        authority(branch.getParticipant(), "participant"),
        new StoreId(branch.getStoreId()),
        branch.getService(),
        branch.getMode(),
        branch.getHandle(),
        "");
  }

  /**
   * Who decides, as it was recorded.
   *
   * @throws IllegalArgumentException naming the field that cannot be read
   */
  public static Decider decider(BranchRef ref) {
    return decider(ref.getDecider(), ref.getCoordinator(), ref.getIdentity());
  }

  /** The same of a branch that has ended; null where an older version did not write it. */
  public static @Nullable Decider decider(BranchEnded ended) {
    return ended.getDecider().isEmpty()
        ? null
        : decider(ended.getDecider(), ended.getCoordinator(), ended.getIdentity());
  }

  private static Decider decider(String store, String coordinator, String identity) {
    return new Decider(
        new StoreId(store),
        authority(coordinator, "record branch.coordinator"),
        identity.isEmpty() ? null : new PeerIdentity(identity));
  }

  /**
   * An authority as it was written.
   *
   * @throws IllegalArgumentException naming the field if it is none
   */
  public static Authority authority(String text, String field) {
    Authority authority = Authority.parse(text);
    if (authority == null) {
      throw new IllegalArgumentException(
          field + ": " + text + " (expected: " + Authority.EXPECTED + ")");
    }
    return authority;
  }

  public static io.handfast.transaction.v1.Member member(Member member) {
    return io.handfast.transaction.v1.Member.newBuilder()
        .setBranchId(member.branch().bits())
        .setParticipant(member.participant().toString())
        .setStoreId(member.store().value())
        .build();
  }

  /**
   * Reads a member.
   *
   * @throws IllegalArgumentException naming what is none
   */
  public static Member member(io.handfast.transaction.v1.Member member) {
    return new Member(
        new BranchId(member.getBranchId()),
        authority(member.getParticipant(), "member.participant"),
        new StoreId(member.getStoreId()));
  }

  /** A member, as it is recorded. */
  public static DecidedBranch recorded(Member member) {
    return DecidedBranch.newBuilder()
        .setBranchId(member.branch().bits())
        .setParticipant(member.participant().toString())
        .setStoreId(member.store().value())
        .build();
  }

  /** As it was recorded. */
  public static Member member(DecidedBranch member) {
    return new Member(
        new BranchId(member.getBranchId()),
        authority(member.getParticipant(), "record member.participant"),
        new StoreId(member.getStoreId()));
  }

  public static TerminateResult standing(TerminateItem asked, Standing standing) {
    return TerminateResult.newBuilder()
        .setTxId(asked.getTxId())
        .setBranchId(asked.getBranchId())
        .setStanding(
            switch (standing) {
              case COMMITTED -> io.handfast.transaction.v1.Standing.STANDS_COMMITTED;
              case ABORTED -> io.handfast.transaction.v1.Standing.STANDS_ABORTED;
              case PRE_COMMITTED -> io.handfast.transaction.v1.Standing.STANDS_PRE_COMMITTED;
              case READY -> io.handfast.transaction.v1.Standing.STANDS_READY;
              case AWAY_PRE_COMMITTED ->
                  io.handfast.transaction.v1.Standing.STANDS_AWAY_PRE_COMMITTED;
              case AWAY_READY -> io.handfast.transaction.v1.Standing.STANDS_AWAY_READY;
              case OUT -> io.handfast.transaction.v1.Standing.STANDS_OUT;
              case UNKNOWN -> io.handfast.transaction.v1.Standing.STANDS_UNKNOWN;
            })
        .build();
  }

  /** A word that is not known here says nothing. */
  public static Standing standing(TerminateResult result) {
    return switch (result.getStanding()) {
      case STANDS_COMMITTED -> Standing.COMMITTED;
      case STANDS_ABORTED -> Standing.ABORTED;
      case STANDS_PRE_COMMITTED -> Standing.PRE_COMMITTED;
      case STANDS_READY -> Standing.READY;
      case STANDS_AWAY_PRE_COMMITTED -> Standing.AWAY_PRE_COMMITTED;
      case STANDS_AWAY_READY -> Standing.AWAY_READY;
      case STANDS_OUT -> Standing.OUT;
      case STANDS_UNKNOWN, STANDING_UNSPECIFIED, UNRECOGNIZED -> Standing.UNKNOWN;
    };
  }
}
