package io.handfast.tx.engine;

import io.handfast.tx.interceptor.Field;
import io.handfast.tx.interceptor.Fields;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Headers of a test. */
final class TestFields implements Fields {
  private final Map<String, List<String>> values = new LinkedHashMap<>();

  static TestFields of(String... namesAndValues) {
    TestFields fields = new TestFields();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      fields
          .values
          .computeIfAbsent(namesAndValues[i], name -> new ArrayList<>())
          .add(namesAndValues[i + 1]);
    }
    return fields;
  }

  static TestFields of(List<Field> set) {
    TestFields fields = new TestFields();
    for (Field field : set) {
      if (!field.value().isEmpty()) {
        fields.values.put(field.name(), new ArrayList<>(List.of(field.value())));
      }
    }
    return fields;
  }

  TestFields only(String... names) {
    TestFields fields = new TestFields();
    for (String name : names) {
      if (values.containsKey(name)) {
        fields.values.put(name, List.copyOf(values.get(name)));
      }
    }
    return fields;
  }

  @Override
  public List<String> values(String name) {
    return values.getOrDefault(name, List.of());
  }
}
