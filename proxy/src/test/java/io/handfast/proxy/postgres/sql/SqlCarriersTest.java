package io.handfast.proxy.postgres.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.context.TransactionIdentity;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.TxId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Comments as agents write them, most of them as they were captured. */
final class SqlCarriersTest {
  private static final String TX = "0199a3c1b2d47e7e8c1db7ad6b716920";
  private static final String BRANCH = "b7ad6b7169203331";
  private static final String IDS = TX + "-" + BRANCH;
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String OTHER_TRACE = "1af7651916cd43dd8448eb211c80319c";
  private static final String PARENT = "traceparent='00-" + TRACE + "-332482561c62c98f-00'";
  private static final String STATE = "tracestate='hf%3D" + IDS + "%2Cvendor%3Dabc'";

  private static final SqlIdentity NAMED = new SqlIdentity.Branch(identity(IDS));
  private static final SqlIdentity TRACED = new SqlIdentity.Trace(TRACE);

  private static TransactionIdentity identity(String ids) {
    TxId tx = TxId.parse(ids, 0);
    BranchId branch = BranchId.parse(ids, 33);
    assertThat(tx).isNotNull();
    assertThat(branch).isNotNull();
    return new TransactionIdentity(tx, branch, false);
  }

  private static List<String> named() {
    return List.of(
        // Java, OpenTelemetry
        "UPDATE t SET a = $1 /*" + PARENT + ", " + STATE + "*/",
        // Django, middleware; sorted, other keys and unquoted integers between
        "UPDATE t SET a = 1 /*controller='debit.views.Debit',dbapi_threadsafety=2,framework='django%3A5.2',"
            + PARENT
            + ","
            + STATE
            + "*/",
        "SELECT a FROM t /*" + STATE + "," + PARENT + "*/;",
        // percent doubled when the statement has no parameters
        "UPDATE t SET a = 1 /*" + PARENT + ",tracestate='hf%%3D" + IDS + "%%2Cvendor%%3Dabc'*/",
        "UPDATE t SET a = 1 /*" + PARENT + ",tracestate='vendor%%3Dabc%%2Chf%%3D" + IDS + "'*/",
        // encoded twice
        "UPDATE t SET a = 1 /*tracestate='hf%253D" + IDS + "%252Cvendor%253Dabc'*/",
        "UPDATE t SET a = 1 /*tracestate='a=b%252Chf=" + IDS + "'*/",
        // not encoded at all
        "UPDATE t SET a = 1 /*tracestate='vendor=abc,hf=" + IDS + "'*/",
        // in front, as Datadog's agent writes; behind the last semicolon; in the middle; twice the
        // same
        "/*ddps='debit',dddbs='bank'," + STATE + "*/ UPDATE t SET a = 1",
        "UPDATE t SET a = 1; /*" + STATE + "*/",
        "UPDATE t /*" + STATE + "*/ SET a = 1",
        "/*" + STATE + "*/ UPDATE t SET a = 1 /*" + PARENT + "," + STATE + "*/",
        "UPDATE t SET a = 1 /* " + PARENT + " , tracestate = 'hf%3d" + IDS + "' */",
        // beside comments that are somebody else's
        "/*+ SeqScan(t) */ UPDATE t SET a = 1 /* it's Hibernate's, a=b */ /*" + STATE + "*/",
        "UPDATE t SET a = 1 /*route='it\\'s,tracestate=x'," + STATE + "*/",
        "UPDATE t SET a = '/*' || 1 /*" + STATE + "*/");
  }

  @ParameterizedTest
  @org.junit.jupiter.params.provider.MethodSource("named")
  void T4_shouldReadTheBranchOfTracestateHoweverAnAgentWritesIt(String sql) {
    assertThat(Sql.identity(sql)).isEqualTo(NAMED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE t SET a = 1 /*" + PARENT + "*/",
        "UPDATE t SET a = 1 /*traceparent='00-" + TRACE + "-332482561c62c98f-03'*/",
        "UPDATE t SET a = 1 /*traceparent='00-"
            + TRACE
            + "-332482561c62c98f-01',tracestate='vendor%%3Dabc'*/",
        "/*dddb='bank'," + PARENT + ",ddps='debit'*/ UPDATE t SET a = 1",
        "BEGIN /*"
            + PARENT
            + "*/; UPDATE t SET a = 1 /*traceparent='00-"
            + TRACE
            + "-432482561c62c98f-01'*/",
        " /*" + PARENT + "*/"
      })
  void T4_shouldReadTheTraceWhenThereIsNothingBetter(String sql) {
    assertThat(Sql.identity(sql)).isEqualTo(TRACED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE t SET a = '/*" + "traceparent=''00-" + TRACE + "-332482561c62c98f-00''*/'",
        "UPDATE t SET a = $$/*" + PARENT + "*/$$",
        "UPDATE t SET a = E'\\'/*" + PARENT + "*/'",
        "UPDATE \"/*traceparent=\" SET a = 1",
        "UPDATE t SET a = 1 -- /*" + PARENT + "*/",
        "UPDATE t SET a = 1 --" + PARENT,
        "UPDATE t SET a = 1 /* UPDATE u /*" + PARENT + "*/ */",
        "UPDATE t SET a = 1 /*" + PARENT + " /* */ */",
        "UPDATE t SET a = 1 /*xtraceparent='00-" + TRACE + "-332482561c62c98f-00'*/",
        "UPDATE t SET a = 1 /*traceparent*/",
        "UPDATE t SET a = 1 /*traceparent=*/",
        "UPDATE t SET a = 1 /*traceparent='*/",
        "UPDATE t SET a = 1 /*traceparent='\\*/",
        "UPDATE t SET a = 1 /*traceparent='00-" + TRACE + "'*/",
        "UPDATE t SET a = 1 /*route='a\\',traceparent=\\'00-"
            + TRACE
            + "-332482561c62c98f-00\\''*/",
        "UPDATE t SET a = 1 /*tracestate='vendor%3Dhf%3D'*/",
        "UPDATE t SET a = 1"
      })
  void T4_shouldFindNothingWhereNoAgentWroteAComment(String sql) {
    assertThat(Sql.identity(sql)).isEqualTo(SqlIdentity.NONE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE t /*" + PARENT + "*/ /*traceparent='00-" + OTHER_TRACE + "-332482561c62c98f-00'*/",
        "UPDATE t /*" + PARENT + ",traceparent='00-" + OTHER_TRACE + "-332482561c62c98f-00'*/",
        "UPDATE t /*" + STATE + "*/; /*tracestate='hf=" + TX + "-c7ad6b7169203331'*/",
        "UPDATE t /*"
            + STATE
            + ","
            + PARENT
            + "*/; UPDATE u /*traceparent='00-"
            + OTHER_TRACE
            + "-332482561c62c98f-00'*/",
        "BEGIN /*"
            + PARENT
            + "*/; UPDATE t /*traceparent='00-"
            + OTHER_TRACE
            + "-332482561c62c98f-00'*/"
      })
  void T1_shouldTakeNeitherWhenOneTextNamesTwo(String sql) {
    assertThat(Sql.identity(sql)).isInstanceOf(SqlIdentity.Ambiguous.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE t /*tracestate='hf%3Dx'*/",
        "UPDATE t /*" + STATE + "*/ /*tracestate='hf='*/",
        "UPDATE t /*tracestate='hf=" + IDS + "0'*/",
        "UPDATE t /*tracestate='hf=" + IDS + "%2Chf%3D" + TX + "-c7ad6b7169203331'*/"
      })
  void T1_shouldGuessNothingWhenOurMemberCannotBeRead(String sql) {
    assertThat(Sql.identity(sql)).isInstanceOf(SqlIdentity.Malformed.class);
  }

  @Test
  void T1_shouldNotReadAValueWithoutEnd() {
    assertThat(Sql.identity("UPDATE t /*tracestate='" + "a".repeat(5_000) + "'*/"))
        .isInstanceOf(SqlIdentity.Malformed.class);
  }

  @Test
  void T4_shouldReadHandfastTx() {
    assertThat(SqlIdentity.ofSetting(IDS)).isEqualTo(NAMED);
    assertThat(SqlIdentity.ofSetting("00-" + IDS + "-00")).isEqualTo(NAMED);
    assertThat(SqlIdentity.ofSetting("00-" + IDS + "-00;d=x@y;t=1")).isEqualTo(NAMED);
    assertThat(SqlIdentity.ofSetting("")).isEqualTo(SqlIdentity.NONE);
    for (String bad : List.of("x", IDS + "0", "00-" + IDS, IDS + ",hf=" + IDS, ",", "a=b")) {
      assertThat(SqlIdentity.ofSetting(bad)).as(bad).isInstanceOf(SqlIdentity.Malformed.class);
    }
  }

  @Test
  void T4_shouldReadDatadogsApplicationName() {
    assertThat(SqlIdentity.ofApplicationName("_DD_00-" + TRACE + "-332482561c62c98f-01"))
        .isEqualTo(TRACED);
    for (String other :
        List.of("", "psql", "00-" + TRACE + "-332482561c62c98f-01", "_DD_", "_DD_x")) {
      assertThat(SqlIdentity.ofApplicationName(other)).isEqualTo(SqlIdentity.NONE);
    }
  }
}
