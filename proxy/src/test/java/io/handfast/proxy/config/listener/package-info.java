@NullMarked
package io.handfast.proxy.config.listener;

import org.jspecify.annotations.NullMarked;
