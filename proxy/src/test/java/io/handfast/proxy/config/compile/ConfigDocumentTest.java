package io.handfast.proxy.config.compile;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.handfast.xds.resource.FieldRule;
import io.handfast.xds.resource.FieldTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The table says nothing that is not so, and the document says what the table says. */
final class ConfigDocumentTest {

  private static final Path DOCUMENT = Path.of("../docs/CONFIG.md");
  private static final FieldTable TABLE = ConfigLoader.table();
  private static final Map<String, Descriptor> MESSAGES = ConfigDocument.messages();

  @Test
  void shouldSayInTheDocumentWhatTheTableSays() throws Exception {
    // Given
    String expected = new ConfigDocument(TABLE).text();

    // When
    if (Boolean.getBoolean("handfast.regenerate")) {
      Files.createDirectories(DOCUMENT.getParent());
      Files.writeString(DOCUMENT, expected);
    }

    // Then
    assertThat(DOCUMENT)
        .as(
            "docs/CONFIG.md is generated: ./mvnw -pl proxy -am test -Dtest=ConfigDocumentTest"
                + " -Dsurefire.failIfNoSpecifiedTests=false -Dhandfast.regenerate=true")
        .hasContent(expected);
  }

  @Test
  void shouldListOnlyMessagesAndFieldsThatExist() {
    assertThat(TABLE.messageNames()).hasSizeGreaterThan(40);
    for (String name : TABLE.messageNames()) {
      assertThat(MESSAGES).as("messages of fields.txt").containsKey(name);
      for (String field : TABLE.fieldNames(name)) {
        assertThat(message(name).findFieldByName(field)).as(name + "." + field).isNotNull();
      }
    }
  }

  @Test
  void shouldListOnlyValuesThatExist() {
    for (String name : TABLE.messageNames()) {
      for (FieldDescriptor field : message(name).getFields()) {
        if (field.getJavaType() == FieldDescriptor.JavaType.ENUM) {
          assertThat(TABLE.rule(field).values())
              .as(field.getFullName())
              .allMatch(value -> field.getEnumType().findValueByName(value) != null);
        }
      }
    }
  }

  @Test
  void shouldListEveryMessageOfAFieldThatIsHonoured() {
    TreeSet<String> missing = new TreeSet<>();
    for (String name : TABLE.messageNames()) {
      for (FieldDescriptor field : message(name).getFields()) {
        if (TABLE.rule(field).status() == FieldRule.Status.HONOURED
            && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
          Descriptor type = valueType(field);
          if (type != null
              && !type.getFile().getPackage().equals("google.protobuf")
              && !TABLE.knows(type)) {
            missing.add(type.getFullName());
          }
        }
      }
    }
    assertThat(missing).isEmpty();
  }

  private static Descriptor message(String name) {
    return Objects.requireNonNull(MESSAGES.get(name), name);
  }

  private static @Nullable Descriptor valueType(FieldDescriptor field) {
    if (!field.isMapField()) {
      return field.getMessageType();
    }
    FieldDescriptor value = field.getMessageType().findFieldByName("value");
    return value.getJavaType() == FieldDescriptor.JavaType.MESSAGE ? value.getMessageType() : null;
  }
}
