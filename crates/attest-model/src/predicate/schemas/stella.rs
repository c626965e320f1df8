//! The types of Stella Ops. Their URIs are published, their members are not: any object will do.

use crate::predicate::schema::Shape;

pub(in crate::predicate) static ANY: Shape = Shape::Object;
