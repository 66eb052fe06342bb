//! Who may act in an account: users, roles, groups and their policies. Tags and instance profiles are left out, and policies
//! are text as they were written, where IAM encodes them as parts of an address.

use aws_sdk_iam::types::{
    AttachedPermissionsBoundary, AttachedPolicy, GroupDetail, ManagedPolicyDetail, PermissionsBoundaryAttachmentType,
    PolicyDetail, PolicyVersion, RoleDetail, RoleLastUsed, UserDetail,
};

use super::{bodies, words};

bodies! {
    UserDetail {
        arn => "Arn",
        path => "Path",
        user_name => "UserName",
        user_id => "UserId",
        create_date => "CreateDate",
        user_policy_list => "UserPolicyList",
        group_list => "GroupList",
        attached_managed_policies => "AttachedManagedPolicies",
        permissions_boundary => "PermissionsBoundary",
    }
    RoleDetail {
        arn => "Arn",
        path => "Path",
        role_name => "RoleName",
        role_id => "RoleId",
        create_date => "CreateDate",
        assume_role_policy_document => "AssumeRolePolicyDocument",
        role_policy_list => "RolePolicyList",
        attached_managed_policies => "AttachedManagedPolicies",
        permissions_boundary => "PermissionsBoundary",
        role_last_used => "RoleLastUsed",
    }
    GroupDetail {
        arn => "Arn",
        path => "Path",
        group_name => "GroupName",
        group_id => "GroupId",
        create_date => "CreateDate",
        group_policy_list => "GroupPolicyList",
        attached_managed_policies => "AttachedManagedPolicies",
    }
    ManagedPolicyDetail {
        arn => "Arn",
        path => "Path",
        policy_name => "PolicyName",
        policy_id => "PolicyId",
        default_version_id => "DefaultVersionId",
        attachment_count => "AttachmentCount",
        permissions_boundary_usage_count => "PermissionsBoundaryUsageCount",
        create_date => "CreateDate",
        update_date => "UpdateDate",
        policy_version_list => "PolicyVersionList",
    }
    PolicyVersion {
        version_id => "VersionId",
        is_default_version => "IsDefaultVersion",
        create_date => "CreateDate",
        document => "Document",
    }
    PolicyDetail { policy_name => "PolicyName", policy_document => "PolicyDocument" }
    AttachedPolicy { policy_name => "PolicyName", policy_arn => "PolicyArn" }
    AttachedPermissionsBoundary {
        permissions_boundary_type => "PermissionsBoundaryType",
        permissions_boundary_arn => "PermissionsBoundaryArn",
    }
    RoleLastUsed { last_used_date => "LastUsedDate", region => "Region" }
}

words! { PermissionsBoundaryAttachmentType }
