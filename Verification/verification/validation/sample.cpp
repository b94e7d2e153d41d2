// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

// A bit of everything that a C++ compiler makes of: what `corpus.py` compiles, with one set of features after the other.

typedef int Binary(int, int);
typedef float Four __attribute__((vector_size(16)));

static int sum(int left, int right) { return left + right; }
static int larger(int left, int right) { return left > right ? left : right; }
static Binary *const operations[] = {sum, larger, nullptr};
static const char text[] = "What stands in a data segment.";
static int calls;

struct Point {
    float x, y;
    double weight;
    long long time;
};

extern "C" {
int host_log(const char *start, int count);

int apply(int operation, int left, int right) {
    calls += 1;
    return operations[operation & 1](left, right);
}

int choose(unsigned which, int other) {
    switch (which) {
    case 0: return host_log(text, sizeof text);
    case 1: return other << 3;
    case 2: return other / 7;
    case 3: return __builtin_popcount(other);
    case 4: return __builtin_clz(other | 1);
    case 9: __builtin_trap();
    default: return -1;
    }
}

void move(Point *points, int count, float dx) {
    for (int index = 0; index < count; index += 1) {
        if (points[index].weight != points[index].weight) continue;
        points[index].x += dx;
        points[index].time += (long long)(points[index].weight * 1e3);
        points[index].y = __builtin_sqrtf(points[index].y);
    }
}

void copy(char *to, const char *from, unsigned long count) {
    __builtin_memcpy(to, from, count);
    __builtin_memset(to + count, 0, count & 15);
}

Four scale(const Four *values, float by) { return values[0] * by + values[1]; }

short narrow(long long wide) { return (short)((signed char)wide + (int)(wide >> 40)); }

int count(int depth) { return depth <= 0 ? calls : count(depth - 1); }

#ifdef __wasm_atomics__
int next(int *counter) { return __atomic_add_fetch(counter, 1, __ATOMIC_SEQ_CST); }
#endif

#ifdef __wasm_exception_handling__
int caught(int which) {
    try {
        if (which > 3) throw which;
        return apply(which, 1, 2);
    } catch (int thrown) {
        return thrown;
    } catch (...) {
        return 0;
    }
}
#endif
}
