package io.handfast.tx.engine.offline;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.handfast.transaction.v1.BranchPrepared;
import io.handfast.transaction.v1.BranchRef;
import io.handfast.transaction.v1.Completion;
import io.handfast.transaction.v1.DecidedBranch;
import io.handfast.transaction.v1.Decision;
import io.handfast.transaction.v1.Record;
import io.handfast.transaction.v1.Resolution;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A record as people read it. Bodies and values of headers are left out: they may be secret.
 *
 * @param type {@code begun}, {@code prepared}, {@code decision}, {@code branch-ended}, {@code
 *     ended}, …; {@code unreadable} if this version cannot read it
 * @param timeMs wall clock of the writer, milliseconds since 1970; 0 if unknown
 * @param txId 32 hexadecimal digits; empty if unreadable
 * @param branchId 16 hexadecimal digits; empty where the record is the transaction's
 * @param facts the rest, by name, in an order of their own
 */
public record RecordView(
    String type, long timeMs, String txId, String branchId, Map<String, String> facts) {

  /** Reads a record's payload; one that cannot be read says so. */
  public static RecordView of(byte[] payload) {
    try {
      return of(Record.parseFrom(payload));
    } catch (InvalidProtocolBufferException e) {
      return new RecordView(
          "unreadable", 0, "", "", Map.of("error", String.valueOf(e.getMessage())));
    }
  }

  private static RecordView of(Record record) {
    Map<String, String> facts = new LinkedHashMap<>();
    ByteString tx = ByteString.EMPTY;
    String branch = "";
    switch (record.getKindCase()) {
      case BEGUN -> {
        var begun = record.getBegun();
        tx = begun.getBranch().getTxId();
        branch = id(begun.getBranch().getBranchId());
        branch(facts, begun.getBranch());
        facts.put("complete", Boolean.toString(begun.getComplete()));
        facts.put("try-timeout", begun.getTryTimeoutMs() + " ms");
        completion(facts, "confirm", begun.hasConfirm(), begun.getConfirm());
        completion(facts, "cancel", begun.hasCancel(), begun.getCancel());
      }
      case PREPARED, PRE_COMMITTED, WITHDRAWN -> {
        var prepared = prepared(record);
        tx = prepared.getBranch().getTxId();
        branch = id(prepared.getBranch().getBranchId());
        branch(facts, prepared.getBranch());
        completion(facts, "confirm", prepared.hasConfirm(), prepared.getConfirm());
        completion(facts, "cancel", prepared.hasCancel(), prepared.getCancel());
        put(facts, "members", list(prepared.getMembersList()));
      }
      case PRE_COMMIT -> {
        tx = record.getPreCommit().getTxId();
        facts.put("pre-commit", list(record.getPreCommit().getBranchesList()));
        put(facts, "decider", record.getPreCommit().getDecider());
      }
      case DECIDED -> {
        var decided = record.getDecided();
        tx = decided.getBranch().getTxId();
        branch = id(decided.getBranch().getBranchId());
        branch(facts, decided.getBranch());
        completion(facts, "confirm", decided.hasConfirm(), decided.getConfirm());
      }
      case DECISION -> {
        tx = record.getDecision().getTxId();
        decision(facts, record.getDecision());
      }
      case BRANCH_ENDED -> {
        tx = record.getBranchEnded().getTxId();
        branch = id(record.getBranchEnded().getBranchId());
        facts.put("outcome", word(record.getBranchEnded().getOutcome()));
        put(facts, "detail", record.getBranchEnded().getDetail());
        if (record.getBranchEnded().hasResolution()) {
          resolution(facts, record.getBranchEnded().getResolution());
        }
      }
      case RESOLVED -> {
        var resolved = record.getResolved();
        tx = resolved.getBranch().getTxId();
        branch = id(resolved.getBranch().getBranchId());
        branch(facts, resolved.getBranch());
        resolution(facts, resolved.getResolution());
      }
      case SETTLED -> {
        tx = record.getSettled().getTxId();
        branch = id(record.getSettled().getBranchId());
        facts.put("truth", word(record.getSettled().getTruth()));
      }
      case FORGOTTEN -> {
        var forgotten = record.getForgotten();
        tx =
            forgotten.hasDecision()
                ? forgotten.getDecision().getTxId()
                : forgotten.getBranch().getTxId();
        if (forgotten.hasDecision()) {
          decision(facts, forgotten.getDecision());
        } else {
          branch = id(forgotten.getBranch().getBranchId());
          facts.put("outcome", word(forgotten.getBranch().getOutcome()));
        }
        put(facts, "by", forgotten.getBy());
        put(facts, "reason", forgotten.getReason());
      }
      case ENDED -> {
        tx = record.getEnded().getTxId();
        if (record.getEnded().getHazard()) {
          facts.put("hazard", "true");
        }
      }
      case ABORTED -> {
        tx = record.getAborted().getTxId();
        put(facts, "reason", record.getAborted().getReason());
      }
      case KIND_NOT_SET ->
          facts.put("error", "of a kind that this version does not know: a newer one wrote it");
    }
    return new RecordView(
        record.getKindCase() == Record.KindCase.KIND_NOT_SET
            ? "unreadable"
            : word(record.getKindCase()),
        record.getTimeMs(),
        HexFormat.of().formatHex(tx.toByteArray()),
        branch,
        facts);
  }

  private static void branch(Map<String, String> facts, BranchRef ref) {
    facts.put("service", ref.getService());
    facts.put("mode", ref.getMode());
    facts.put("decider", ref.getDecider() + "@" + ref.getCoordinator());
    facts.put("participant", ref.getParticipant());
    put(facts, "identity", ref.getIdentity());
    put(facts, "restored", ref.getRestored() ? "true" : "");
  }

  private static void resolution(Map<String, String> facts, Resolution resolution) {
    facts.put("decided", word(resolution.getOutcome()));
    put(facts, "by", resolution.getBy());
    put(facts, "reason", resolution.getReason());
  }

  private static void decision(Map<String, String> facts, Decision decision) {
    facts.put("commit", list(decision.getBranchesList()));
    if (decision.hasOwn()) {
      facts.put("own", id(decision.getOwn().getBranch().getBranchId()));
    }
    put(facts, "decider", decision.getDecider());
  }

  private static BranchPrepared prepared(Record record) {
    if (record.hasPreCommitted()) {
      return record.getPreCommitted().getPrepared();
    }
    return record.hasWithdrawn() ? record.getWithdrawn().getPrepared() : record.getPrepared();
  }

  private static String list(List<DecidedBranch> branches) {
    return branches.stream().map(RecordView::decided).collect(Collectors.joining(", "));
  }

  private static String decided(DecidedBranch branch) {
    return id(branch.getBranchId()) + "@" + branch.getParticipant();
  }

  private static void completion(
      Map<String, String> facts, String name, boolean known, Completion completion) {
    if (known) {
      List<String> fields = completion.getHeadersList().stream().map(it -> it.getName()).toList();
      facts.put(
          name,
          completion.getMethod()
              + " "
              + completion.getPath()
              + (fields.isEmpty() ? "" : " " + fields)
              + (completion.getBody().isEmpty()
                  ? ""
                  : " (" + completion.getBody().size() + " bytes)"));
    }
  }

  private static void put(Map<String, String> facts, String name, String value) {
    if (!value.isEmpty()) {
      facts.put(name, value);
    }
  }

  private static String id(long bits) {
    return HexFormat.of().toHexDigits(bits);
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
