// The fields that finite Gaussian layers have in common, for their schemas.
#pragma once

#include "neurarium/nn/gaussian/gaussian_units.hpp"

namespace neurarium {

/// `rows`: the shape of one value for each unit and input, in words.
template <class P>
void append_gaussian_fields(std::vector<FieldInfo>& fields, const std::string& rows) {
  using Text = std::string P::*;
  using Real = double P::*;
  for (FieldInfo& info : std::vector<FieldInfo>{
           field("activation", Text(&P::activation), "Function f of the line.").one_of(activation_function_names()),
           field("shape", Text(&P::shape), "Where a unit answers: one width, one per input, or any ellipsoid.")
               .one_of({"spherical", "diagonal", "full"}),
           field("order", Real(&P::order), "Power p of the distances in q.").positive().at_most(16),
           field("bias", Text(&P::bias), "A bias b of its own, or b = −w·c.").one_of({"free", "tied"}),
           field("gate", static_cast<bool P::*>(&P::gate), "Whether answers are multiplied by the support before."),
           field("pressure", Real(&P::pressure), "λ: λ · mean σ²/d is added to the loss.").at_least(0),
           field("width", Real(&P::width), "Initial σ in units of √d.").positive(),
           field("centre_sd", Real(&P::centre_sd), "Initial centres are drawn from N(0, centre_sd²).").at_least(0),
           component("initialiser", static_cast<Component P::*>(&P::initialiser), "initialiser",
                     "Initial weights, unless they are given."),
           field("weights", static_cast<ArraySource P::*>(&P::weights), "Initial W " + rows + "."),
           field("bias_values", static_cast<ArraySource P::*>(&P::bias_values), "Initial b [units]; default 0."),
           field("centres", static_cast<ArraySource P::*>(&P::centres), "Initial C " + rows + "."),
           field("widths", static_cast<ArraySource P::*>(&P::widths),
                 "Initial log(σ/√d) [units] or " + rows + "; full: factors L [units, d, d]."),
           field("dale", static_cast<DaleParams P::*>(&P::dale), "Signs of W, by input (Dale's law)."),
       })
    fields.push_back(std::move(info));
}

}  // namespace neurarium
