// SPDX-License-Identifier: Apache-2.0
// SQRT, POW, EXP, logarithms, trigonometry, PI, RAND.
#include <cmath>

#include "sql/expr/bind_rules.h"
#include "sql/expr/functions/arithmetic_rules.h"
#include "sql/expr/functions/function_tables.h"
#include "sql/expr/row_call.h"
#include "sql/sql_error.h"

namespace afterimage::sql {

namespace {

void set_finite(RowCall& call, double value) {
    if (!std::isfinite(value)) {
        throw_out_of_range("DOUBLE", call.node());
    }
    call.set_real(value);
}

/// Outside its domain a logarithm is NULL with warning 3020.
void domain_error(RowCall& call) {
    call.warn(3020, "Invalid argument for logarithm");
    call.set_null();
}

template <double (*Function)(double)>
void apply(RowCall& call) {
    set_finite(call, Function(call.real(0)));
}

/// NULL outside [-1, 1].
template <double (*Function)(double)>
void apply_unit(RowCall& call) {
    if (call.real(0) < -1 || call.real(0) > 1) {
        call.set_null();
        return;
    }
    call.set_real(Function(call.real(0)));
}

void square_root(RowCall& call) {
    if (call.real(0) < 0) {
        call.set_null();
        return;
    }
    call.set_real(std::sqrt(call.real(0)));
}

void power(RowCall& call) { set_finite(call, std::pow(call.real(0), call.real(1))); }

template <double (*Function)(double)>
void logarithm(RowCall& call) {
    if (call.real(0) <= 0) {
        domain_error(call);
        return;
    }
    call.set_real(Function(call.real(0)));
}

/// LOG(x) or LOG(base, x)
void log_row(RowCall& call) {
    if (call.arg_count() == 1) {
        logarithm<std::log>(call);
        return;
    }
    const double base = call.real(0);
    const double value = call.real(1);
    if (base <= 0 || base == 1 || value <= 0) {
        domain_error(call);
        return;
    }
    call.set_real(std::log(value) / std::log(base));
}

void arc_tangent(RowCall& call) {
    call.set_real(call.arg_count() > 1 ? std::atan2(call.real(0), call.real(1))
                                       : std::atan(call.real(0)));
}

double cotangent(double x) { return 1 / std::tan(x); }
double to_degrees(double x) { return x * 180 / M_PI; }
double to_radians(double x) { return x / 180 * M_PI; }

void pi(RowCall& call) { call.set_real(M_PI); }
void pi_bind(BindCall& call) { call.type = double_type(6); }

/// MySQL's generator (my_rnd): two linear congruential sequences modulo 2^30 - 1.
struct Random {
    bool seeded = false;
    std::uint64_t seed1 = 0;
    std::uint64_t seed2 = 0;

    static constexpr std::uint64_t kModulus = 0x3fffffff;

    void seed(std::uint64_t a, std::uint64_t b) {
        seed1 = a % kModulus;
        seed2 = b % kModulus;
        seeded = true;
    }
    double next() {
        seed1 = (seed1 * 3 + seed2) % kModulus;
        seed2 = (seed1 + seed2 + 33) % kModulus;
        return static_cast<double>(seed1) / static_cast<double>(kModulus);
    }
};

void seed_by(Random& random, std::int64_t seed) {
    // The products are taken modulo 2^32, as MySQL's are.
    const auto value = static_cast<std::uint32_t>(seed);
    const auto a = static_cast<std::uint32_t>(value * 0x10001U + 55555555U);
    const auto b = static_cast<std::uint32_t>(value * 0x10000001U);
    random.seed(a, b);
}

void rand_row(RowCall& call) {
    if (call.arg_count() == 0) {
        // One sequence for the session, whichever call takes the next number.
        Random shared;
        shared.seed(call.statement().rand_seed1, call.statement().rand_seed2);
        call.set_real(shared.next());
        call.statement().rand_seed1 = shared.seed1;
        call.statement().rand_seed2 = shared.seed2;
        return;
    }
    Random& random = call.context().state_of<Random>(call.node());
    // A constant seed starts one sequence; a varying one starts anew for each row.
    const bool constant = call.vector(0).constant;
    if (!constant || !random.seeded) {
        seed_by(random, call.is_null(0) ? 0 : call.integer(0));
    }
    call.set_real(random.next());
}

constexpr FunctionDef real_row(std::string_view name, RowKernel kernel, std::uint8_t min = 1,
                               std::uint8_t max = 1) {
    return {.name = name,
            .min_args = min,
            .max_args = max,
            .classes = "r",
            .bind = rules::real,
            .row = kernel};
}

const FunctionDef kTable[] = {
    real_row("sqrt", square_root),
    real_row("pow", power, 2, 2),
    real_row("power", power, 2, 2),
    real_row("exp", apply<std::exp>),
    real_row("ln", logarithm<std::log>),
    real_row("log", log_row, 1, 2),
    real_row("log2", logarithm<std::log2>),
    real_row("log10", logarithm<std::log10>),
    real_row("sin", apply<std::sin>),
    real_row("cos", apply<std::cos>),
    real_row("tan", apply<std::tan>),
    real_row("cot", apply<cotangent>),
    real_row("asin", apply_unit<std::asin>),
    real_row("acos", apply_unit<std::acos>),
    real_row("atan", arc_tangent, 1, 2),
    real_row("atan2", arc_tangent, 2, 2),
    real_row("degrees", apply<to_degrees>),
    real_row("radians", apply<to_radians>),
    {.name = "pi", .bind = pi_bind, .row = pi},
    {.name = "rand",
     .max_args = 1,
     .classes = "i",
     .bind = rules::real,
     .nulls = NullRule::kOwn,
     .determinism = Determinism::kVolatile,
     .row = rand_row},
};

}  // namespace

FunctionTable math_functions() { return kTable; }

}  // namespace afterimage::sql
