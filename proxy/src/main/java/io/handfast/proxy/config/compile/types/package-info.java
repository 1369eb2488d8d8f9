/** Which messages may stand in an {@code Any}, and who parses them. */
@NullMarked
package io.handfast.proxy.config.compile.types;

import org.jspecify.annotations.NullMarked;
